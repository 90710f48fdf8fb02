"""What people bring from Trainer, each as they would write it."""

from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
import torch
from PIL import Image
from transformers import EvalPrediction, TrainerCallback

from hf_selftuning import SelfTuning, SelfTuningTrainer
from hf_selftuning.metrics import accuracy_scores, entity_scores


def at_once() -> dict[str, Any]:
    """Self-Tuning from the first step."""
    return {"methods": [SelfTuning.from_preset("words", warmup_ratio=0.0)]}


def test_several_scores_of_several_sets_are_logged_by_set(tmp_path: Path) -> None:
    sets = {"near": tiny.sentences(4, 3), "far": tiny.sentences(5, 4)}
    args = tiny.arguments(
        tmp_path, eval_strategy="steps", eval_steps=4, save_strategy="steps", save_steps=4,
        load_best_model_at_end=True, metric_for_best_model="eval_near_f1", greater_is_better=True,
    )  # fmt: skip
    trainer = tiny.trained(tiny.WORDS, args, eval_dataset=sets, compute_metrics=entity_scores(tiny.TAGS))
    last = {name: value for line in trainer.state.log_history for name, value in line.items()}
    for name in sets:
        assert {f"eval_{name}_{score}" for score in ("precision", "recall", "f1", "accuracy", "loss")} <= last.keys()
    assert trainer.state.best_metric == max(
        line["eval_near_f1"] for line in trainer.state.log_history if "eval_near_f1" in line
    )


def test_label_names_say_what_evaluation_hands_out(tmp_path: Path) -> None:
    seen: list[Any] = []

    def scores(evaluated: EvalPrediction) -> dict[str, float]:
        seen.append(evaluated.label_ids)
        return {"quality": 1.0}

    args = tiny.arguments(tmp_path, label_names=["labels", "attention_mask"], max_steps=1)
    trainer = tiny.trained(tiny.WORDS, args, compute_metrics=scores)
    assert trainer.evaluate()["eval_quality"] == 1.0
    labels, mask = seen[0]
    assert set(mask.flatten()) <= {1, 0, -100}
    assert labels.shape == mask.shape


def lengths_of_batches(tmp_path: Path, strategy: str) -> list[tuple[int, int]]:
    """Longest sentence of each labelled and each unlabelled batch, padding told apart by the mask; over 20 steps."""
    args = tiny.arguments(tmp_path, train_sampling_strategy=strategy)
    trainer = tiny.trainer(
        tiny.WORDS, args, train_dataset=tiny.sentences(80, 0), unlabeled_dataset=tiny.sentences(80, 1)
    )
    spread = []
    for batch in trainer.get_train_dataloader():
        masks = [batch[name]["views"]["weak.0"]["attention_mask"].sum(1) for name in ("labeled", "unlabeled")]
        spread.append(tuple(int(mask.max() - mask.min()) for mask in masks))
    return spread


def test_grouping_by_length_is_trainers_flag_and_holds_for_both_streams(tmp_path: Path) -> None:
    grouped, mixed = (lengths_of_batches(tmp_path, name) for name in ("group_by_length", "random"))
    for stream in (0, 1):
        assert sum(item[stream] for item in grouped) < 0.5 * sum(item[stream] for item in mixed)


@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_a_dataset_with_a_format_trains_the_same(tmp_path: Path, kind: str) -> None:
    def data(size: int, seed: int) -> Any:
        made = tiny.sentences(size, seed)
        made.set_format(kind)
        return made

    sets = {"train_dataset": data(10, 0), "unlabeled_dataset": data(22, 1), "eval_dataset": data(6, 2)}
    formatted = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), **sets)
    tiny.assert_same(tiny.everything(formatted), tiny.everything(tiny.trained(tiny.WORDS, tiny.arguments(tmp_path))))
    assert formatted.evaluate()["eval_loss"] > 0


class Sentences(torch.utils.data.Dataset):
    """As many write it: tensors out of lists."""

    def __init__(self, rows: Any) -> None:
        self.rows = list(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        return {name: torch.tensor(values) for name, values in self.rows[index].items()}


def test_a_dataset_of_torch_trains_the_same(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, train_sampling_strategy="group_by_length")
    sets = {"train_dataset": Sentences(tiny.sentences(10, 0)), "unlabeled_dataset": Sentences(tiny.sentences(22, 1))}
    own = tiny.trained(tiny.WORDS, args, **sets)
    tiny.assert_same(tiny.everything(own), tiny.everything(tiny.trained(tiny.WORDS, args)))


def test_a_search_for_settings_makes_each_model_anew(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    trainer = tiny.trainer(
        tiny.WORDS, tiny.arguments(tmp_path, max_steps=3), model_init=lambda trial: tiny.bert(dropout=0.0), **at_once()
    )
    seen = []
    trainer.add_callback(Remember(lambda: seen.append((trainer.args.learning_rate, id(trainer.training_module)))))
    best = trainer.hyperparameter_search(
        hp_space=lambda trial: {"learning_rate": trial.suggest_categorical("learning_rate", [1e-5, 1e-2])},
        backend="optuna", n_trials=3, direction="minimize",
    )  # fmt: skip
    assert len({module for _, module in seen}) == 3
    assert best.hyperparameters["learning_rate"] in {rate for rate, _ in seen}
    assert best.objective > 0


class Remember(TrainerCallback):
    """Calls back when training begins."""

    def __init__(self, call: Any) -> None:
        self.call = call

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.call()


class Watch(TrainerCallback):
    """The events of a training, and what it is handed."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.logs: list[dict[str, float]] = []
        self.models: list[Any] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.events.append("begin")
        self.models.append(kwargs["model"])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.events.append("step")
        control.should_training_stop = state.global_step == 3

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        self.logs.append(logs)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.events.append("end")


def test_a_callback_sees_the_plain_model_and_every_term_and_may_stop(tmp_path: Path) -> None:
    watch = Watch()
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path), callbacks=[watch], **at_once())
    assert watch.events == ["begin", "step", "step", "step", "end"]
    assert watch.models == [trainer.model]
    assert {"loss", "loss_supervised", "loss_pgc_labeled", "loss_pgc_unlabeled"} <= watch.logs[0].keys()


def test_tensorboard_has_the_names_of_the_log(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, report_to=["tensorboard"], max_steps=1), **at_once())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*tfevents*"))
    for name in (b"train/loss", b"train/loss_supervised", b"train/loss_pgc_unlabeled", b"train/pseudo_label_coverage"):
        assert name in written


def interrupt(trainer: SelfTuningTrainer, step: int) -> None:
    """Train until the user stops the cell, in the middle of a step."""
    compute = trainer.compute_loss

    def stop(*given: Any, **named: Any) -> Any:
        loss = compute(*given, **named)
        if trainer.state.global_step == step:
            raise KeyboardInterrupt
        return loss

    trainer.compute_loss = stop
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    trainer.compute_loss = compute


def test_a_cell_that_was_stopped_may_be_run_again(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path)
    trainer = tiny.trainer(tiny.WORDS, args, **at_once())
    interrupt(trainer, step=2)
    trainer.train()
    assert trainer.state.global_step == 8
    filled = trainer.methods[0].queues["labeled"].filled
    assert filled.any()
    assert not trainer.methods[0].queues["labeled"]._waiting


def test_nothing_of_a_stopped_step_enters_the_queues(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, max_steps=1), **at_once())
    interrupt(trainer, step=0)
    trainer.train()
    keys = int(trainer.methods[0].queues["labeled"].filled.sum())
    fresh = tiny.trained(tiny.WORDS, trainer.args, **at_once())
    assert keys == int(fresh.methods[0].queues["labeled"].filled.sum())


def test_a_transform_that_keeps_its_inputs_is_trained_on_and_evaluated(tmp_path: Path) -> None:
    def transform(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {
            **rows,
            "pixel_values": [torch.full((3, 32, 32), float(given.getpixel((0, 0))[0])) for given in rows["image"]],
        }

    pixels = [Image.new("RGB", (4, 4), (number, 0, 0)) for number in range(9)]
    images = datasets.Dataset.from_dict({"image": pixels, "label": [0, 1, 2] * 3}).cast_column(
        "image", datasets.Image()
    )
    images.set_transform(transform)
    given = {"train_dataset": images, "eval_dataset": images, "unlabeled_dataset": images}
    args = tiny.arguments(tmp_path, max_steps=1, per_device_train_batch_size=2)
    trainer = tiny.trained(tiny.IMAGES, args, compute_metrics=accuracy_scores(), **given)
    assert "eval_accuracy" in trainer.evaluate()
    assert trainer.predict(images).predictions.shape == (9, 3)
