"""Each row of the two tables in docs/drop_in.md has a test of its own; those that no other file holds are here."""

import re
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from test_script_changes import made
from torch import nn
from transformers import default_data_collator

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.modules.method_state import STATE_FILE

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "drop_in.md"

ROWS = {
    "plain `TrainingArguments`": "test_plain_training_arguments_are_taken_over",
    "`learning_rate`": "test_heads_learn_faster_and_biases_and_norms_do_not_decay",
    "`per_device_train_batch_size`": "test_each_labelled_example_has_ratio_companions_and_none_comes_twice_in_a_round",
    "`num_train_epochs`": "test_an_epoch_sees_the_longer_stream_once_in_whole_steps",
    "a dict of evaluation sets": "test_several_scores_of_several_sets_are_logged_by_set",
    '`train_sampling_strategy="group_by_length"`': (
        "test_grouping_by_length_is_trainers_flag_and_holds_for_both_streams"
    ),
    '`train_sampling_strategy="sequential"`': (
        "test_the_order_of_the_labelled_examples_may_be_kept_without_unlabelled_ones"
    ),
    "`include_num_input_tokens_seen`": "test_tokens_samples_and_both_losses_are_in_the_log",
    "`train_samples_per_second`": "test_samples_a_second_count_the_labelled_examples_of_an_epoch",
    "`remove_unused_columns`": "test_columns_that_a_transform_needs_are_left_alone",
    '`set_format("torch")`': "test_a_dataset_with_a_format_trains_the_same",
    "a stream of unlabelled data": "test_a_run_beside_a_stream_goes_on_to_the_bit",
    "a stream of labelled data": "test_a_stream_of_labelled_examples_is_refused",
    "`model_init`": "test_a_search_for_settings_makes_each_model_anew",
    "callbacks": "test_a_callback_sees_the_plain_model_and_every_term_and_may_stop",
    "notebooks": "test_a_cell_that_was_stopped_may_be_run_again",
    "`push_to_hub`": "test_model_tokenizer_and_card_are_pushed_and_no_state",
    "overrides `compute_loss`": "test_a_loss_of_ones_own_is_the_supervised_term_and_the_methods_see_the_same_pass",
    "gives `compute_loss_func`": "test_a_loss_function_counts_the_labelled_rows_of_the_step",
    "has a model with a loss of its own": "test_a_models_own_loss_is_found_by_its_value",
    "sets `label_smoothing_factor`": "test_label_smoothing_replaces_a_models_loss_and_says_so",
    "has a loss of its own, and a method": "test_a_method_with_a_supervised_loss_is_refused_beside_ones_own",
    "overrides `_get_train_sampler`": "test_a_sampler_of_ones_own_orders_the_labelled_examples_and_resumes",
    "overrides `get_train_dataloader`": "test_plain_batches_beside_methods_are_refused",
    "overrides `create_optimizer`": "test_a_given_optimizer_trains_the_projector_too",
    "overrides `training_step`": "test_a_step_and_an_optimizer_of_ones_own_train_the_methods_too",
    "overrides `evaluate`": "test_what_a_script_overrides_for_its_scores_is_called",
    "overrides `save_model`": "test_a_checkpoint_has_the_state_of_the_methods_whatever_saves_the_model",
    "has examples that are dataclasses": "test_items_that_are_no_dictionaries_make_the_same_batches",
    "has tuples of three parts": "test_a_view_that_must_change_items_without_names_is_refused",
    "has soft labels": "test_soft_labels_and_truth_values_are_refused",
    "has weights in half precision": "test_half_precision_weights_are_refused_beside_methods_alone",
    "reads `training_args.bin`": "test_the_saved_arguments_load_without_this_package",
}


def rows_of_the_page() -> list[str]:
    cells = re.findall(r"^\| ([^|]+) \|", PAGE.read_text().partition("## What you know from Trainer")[2], re.MULTILINE)
    return [cell for cell in cells if cell not in ("feature", "your script")]


def test_each_row_has_its_test() -> None:
    rows, names = rows_of_the_page(), list(ROWS)
    assert len(rows) == len(names)
    assert all(row.startswith(name) for row, name in zip(rows, names, strict=True))
    code = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert [name for name in ROWS.values() if f"def {name}(" not in code] == []
    assert len(set(ROWS.values())) == len(ROWS)


def test_samples_a_second_count_the_labelled_examples_of_an_epoch(tmp_path: Path) -> None:
    trainer = made(SelfTuningTrainer, tiny.arguments(tmp_path, max_steps=-1, num_train_epochs=1))
    loader = trainer.get_train_dataloader()
    size = trainer.args.per_device_train_batch_size
    assert trainer.num_examples(loader) == size * len(loader)


def test_a_loss_function_counts_the_labelled_rows_of_the_step(tmp_path: Path) -> None:
    counted = []

    def loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor) -> torch.Tensor:
        counted.append((int(num_items_in_batch), int((labels != -100).sum())))
        rows = nn.functional.cross_entropy(outputs.logits.flatten(0, 1), labels.flatten(), reduction="sum")
        return 2 * rows / num_items_in_batch

    args = tiny.arguments(tmp_path, max_steps=1, gradient_accumulation_steps=2, logging_steps=1)
    trainer = made(SelfTuningTrainer, args, compute_loss_func=loss)
    trainer.train()
    whole = sum(rows for _, rows in counted)
    assert [items for items, _ in counted] == [whole, whole]
    assert {"loss_supervised", "loss_pgc_unlabeled"} <= trainer.state.log_history[0].keys()


class Scoring(SelfTuningTrainer):
    """Notes what is called for a score."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.called: set[str] = set()
        super().__init__(*given, **named)

    def evaluate(self, *given: Any, **named: Any) -> Any:
        self.called.add("evaluate")
        return super().evaluate(*given, **named)

    def prediction_step(self, *given: Any, **named: Any) -> Any:
        self.called.add("prediction_step")
        return super().prediction_step(*given, **named)

    def log(self, *given: Any, **named: Any) -> None:
        self.called.add("log")
        super().log(*given, **named)

    def get_eval_dataloader(self, *given: Any, **named: Any) -> Any:
        self.called.add("get_eval_dataloader")
        return super().get_eval_dataloader(*given, **named)


def test_what_a_script_overrides_for_its_scores_is_called(tmp_path: Path) -> None:
    shapes = []

    def scores(found: Any) -> dict[str, float]:
        shapes.append(found.predictions.ndim)
        return {"half": 0.5}

    args = tiny.arguments(tmp_path, max_steps=1, eval_strategy="steps", eval_steps=1)
    trainer = made(
        Scoring, args, eval_dataset=tiny.sentences(4, 2), compute_metrics=scores,
        preprocess_logits_for_metrics=lambda logits, labels: logits.argmax(-1),
    )  # fmt: skip
    trainer.train()
    assert trainer.called == {"evaluate", "prediction_step", "log", "get_eval_dataloader"}
    assert shapes == [2]
    assert any(line.get("eval_half") == 0.5 for line in trainer.state.log_history)


class Plain(SelfTuningTrainer):
    """Saves the model alone."""

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        self.model.save_pretrained(output_dir)


def test_a_checkpoint_has_the_state_of_the_methods_whatever_saves_the_model(tmp_path: Path) -> None:
    made(Plain, tiny.arguments(tmp_path, max_steps=1, save_strategy="steps", save_steps=1)).train()
    assert (tmp_path / "checkpoint-1" / STATE_FILE).is_file()


SOFT = {"soft": lambda labels: nn.functional.one_hot(labels, 3).float(), "truth values": lambda labels: labels > 0}


@pytest.mark.parametrize("kind", SOFT)
def test_soft_labels_and_truth_values_are_refused(tmp_path: Path, kind: str) -> None:
    def mixed(items: list[Any]) -> dict[str, torch.Tensor]:
        batch = default_data_collator(items)
        return {**batch, "labels": SOFT[kind](batch["labels"])}

    images = {"train_dataset": tiny.images(8, 0), "unlabeled_dataset": tiny.images(12, 1), "processing_class": None}
    args = tiny.arguments(tmp_path, max_steps=1)
    trainer = made(SelfTuningTrainer, args, model=tiny.vit(), data_collator=mixed, **images)
    with pytest.raises(ValueError, match="each row needs one whole number; give each example the index of its class"):
        trainer.train()
