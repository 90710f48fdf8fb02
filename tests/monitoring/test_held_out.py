"""Figures of pseudo-labels on held-out labels, in every evaluation of a trainer with unlabelled data."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from made_step import built, made_step
from torch import nn
from transformers import EvalPrediction, Trainer, TrainingArguments

from hf_selftuning import METHODS, Method, SelfTuning, SelfTuningTrainer
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.methods.fixmatch import FixMatch
from hf_selftuning.metrics import accuracy_scores, entity_scores
from hf_selftuning.modules.running_mean import RunningMean
from hf_selftuning.monitoring.held_out import labeled_rows, slice_figures
from hf_selftuning.tasks import ImageClassification, TokenClassification

# Probabilities 0.9, 0.6, 0.8 and 0.5 of classes 0, 1, 1 and 2.
LOGITS = torch.tensor([[0.9, 0.05, 0.05], [0.2, 0.6, 0.2], [0.1, 0.8, 0.1], [0.3, 0.2, 0.5]]).log()
LABELS = torch.tensor([0, 1, 2, 0])


def test_the_rule_of_the_method_says_which_pseudo_labels_count() -> None:
    figures = slice_figures(LOGITS, LABELS, [FixMatch(threshold=0.7)], ImageClassification())
    assert figures["row_accuracy"] == 0.5
    assert figures["pseudo_label_coverage"] == 0.5
    assert figures["pseudo_label_accuracy"] == 0.5
    assert figures["calibration_error"] == pytest.approx((0.1 + 0.4 + 0.8 + 0.5) / 4)


@pytest.mark.parametrize("name", ["pseudo_labeling", "fixmatch", "flexmatch", "freematch", "debiasmatch", "uda"])
def test_the_rule_is_the_one_that_training_goes_by(name: str) -> None:
    method = built(METHODS[name](), nn.Identity())
    skewed = torch.tensor([0.7, 0.2, 0.1])
    for running in (module for module in method.modules() if isinstance(module, RunningMean)):
        running.value.copy_(skewed if running.value.ndim else torch.tensor(0.9))
    logits = 4 * torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    step = made_step(nn.Identity(), {"weak.0": logits, "strong.0": logits}, finished=99)
    method.terms(step)
    labels, used = method.pseudo_labels(logits)
    assert torch.equal(step.reported[0][0], labels)
    assert torch.equal(step.reported[0][1], used)
    assert 0 < used.sum() < 200


def test_entities_are_counted_apart() -> None:
    figures = slice_figures(LOGITS, LABELS, [FixMatch(threshold=0.0)], TokenClassification(outside=0))
    assert figures["pseudo_label_precision_entities"] == pytest.approx(1 / 3)
    assert figures["pseudo_label_accuracy_entities"] == 0.5
    assert [name for name in figures if "entities" in name or name == "pseudo_label_accuracy"][-1].endswith("accuracy")
    assert figures["pseudo_label_accuracy"] == 0.5


def test_no_pseudo_label_has_no_accuracy_and_fine_tuning_no_pseudo_labels() -> None:
    none_used = slice_figures(LOGITS, LABELS, [FixMatch(threshold=0.95)], ImageClassification())
    assert none_used["pseudo_label_coverage"] == 0
    assert "pseudo_label_accuracy" not in none_used
    assert slice_figures(LOGITS, LABELS, [], ImageClassification()).keys() == {"row_accuracy", "calibration_error"}


def test_self_tuning_labels_by_its_labeler_and_remembers_nothing() -> None:
    method = SelfTuning(alignment="running", momentum=0.5)
    method.build(BuildContext(nn.Linear(4, 3), 4, 3))
    method.labeler.mean("prediction").copy_(torch.tensor([0.05, 0.9, 0.05]))
    before = {name: value.clone() for name, value in method.state_dict().items()}
    labels, used = method.pseudo_labels(torch.tensor([[0.3, 0.6, 0.1], [0.01, 0.95, 0.04]]).log())
    for mean in method.labeler.running.values():
        mean.settle(1)
    assert labels.tolist() == [0, 1]  # 0.3 / 0.05 is more than 0.6 / 0.9, and 0.95 / 0.9 more than 0.04 / 0.05
    assert used.all()
    tiny.assert_same(dict(method.state_dict()), before)


def words(folder: Path, **given: Any) -> SelfTuningTrainer:
    """A tagger that evaluates after 4 and 8 steps, its figures known from the first evaluation on."""
    methods: list[Method] = [SelfTuning.from_preset("words", warmup_ratio=0.25)]
    args = tiny.arguments(folder, eval_strategy="steps", eval_steps=4, audit_pseudo_labels=True)
    return tiny.trainer(tiny.WORDS, args, **{"methods": methods, "compute_metrics": entity_scores(tiny.TAGS), **given})


def test_an_evaluation_in_training_has_figures_beside_the_scores(tmp_path: Path) -> None:
    run = words(tmp_path)
    run.train()
    evaluation = next(line for line in reversed(run.state.log_history) if "eval_f1" in line)
    training = tiny.lines(run)[-1]
    assert evaluation["eval_pseudo_label_coverage"] == 1
    assert evaluation["eval_pseudo_label_accuracy"] == evaluation["eval_row_accuracy"] == evaluation["eval_accuracy"]
    gap = evaluation["eval_row_accuracy"] - training["pseudo_label_accuracy"]
    assert evaluation["eval_pseudo_label_gap"] == pytest.approx(gap)
    assert 0 < evaluation["eval_calibration_error"] < 1
    assert 0 < evaluation["eval_queue_age"] < 32
    assert 0 <= training["pseudo_label_shift"] <= 1
    assert training["queue_labeled_share"] <= training["queue_purity"] <= 1


def test_the_users_function_stays_and_other_predictions_have_no_figures(tmp_path: Path) -> None:
    scores = entity_scores(tiny.TAGS)
    run = words(
        tmp_path, compute_metrics=scores, eval_dataset={"near": tiny.sentences(4, 3), "far": tiny.sentences(5, 4)}
    )
    before = run.evaluate()
    run.train()
    found = run.evaluate()
    assert run.compute_metrics is scores
    for part in ("near", "far"):
        assert found[f"eval_{part}_row_accuracy"] == found[f"eval_{part}_accuracy"]
        assert f"eval_{part}_queue_age" in found
    assert found.keys() - before.keys() == {
        f"eval_{part}_{name}" for part in ("near", "far") for name in FIGURES
    }  # before training no method has a state to label with
    predicted = run.predict(tiny.sentences(4, 5)).metrics
    assert "test_f1" in predicted
    assert not {name for name in predicted if any(figure in name for figure in FIGURES)}


FIGURES = {
    "row_accuracy", "calibration_error", "pseudo_label_coverage", "pseudo_label_accuracy",
    "pseudo_label_accuracy_entities", "pseudo_label_precision_entities", "pseudo_label_gap", "queue_age",
}  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"preprocess_logits_for_metrics": lambda logits, labels: logits.argmax(-1)},
        {"compute_metrics": None},
        {"unlabeled_dataset": None},
        {"methods": []},
    ],
    ids=["best classes alone", "no scores", "no unlabelled data", "fine-tuning"],
)
def test_without_logits_scores_or_unlabelled_data_there_are_no_figures(tmp_path: Path, given: dict[str, Any]) -> None:
    run = words(tmp_path, **given)
    run.args.max_steps = 1
    run.train()
    found = run.evaluate()
    assert found["eval_loss"] > 0
    assert not {name for name in found if name.removeprefix("eval_") in FIGURES}


def test_fine_tuning_gives_the_names_that_trainer_gives(tmp_path: Path) -> None:
    ours = words(tmp_path, methods=[], unlabeled_dataset=None)
    stock = Trainer(
        tiny.bert(),
        TrainingArguments(str(tmp_path), max_steps=1, report_to=[], use_cpu=tiny.ON_CPU, disable_tqdm=True),
        train_dataset=tiny.sentences(10, 0),
        eval_dataset=tiny.sentences(6, 2),
        processing_class=tiny.tokenizer(),
        data_collator=ours.data_collator,
        compute_metrics=entity_scores(tiny.TAGS),
    )
    ours.args.max_steps = 1
    for run in (ours, stock):
        run.train()
    assert ours.evaluate().keys() == stock.evaluate().keys()


def test_a_comparison_may_ask_for_calibration_of_fine_tuning(tmp_path: Path) -> None:
    run = tiny.trainer(
        tiny.IMAGES, tiny.arguments(tmp_path, max_steps=1), methods=[], compute_metrics=accuracy_scores()
    )
    run.held_out.always = True
    run.train()
    found = run.evaluate()
    assert found["eval_row_accuracy"] == pytest.approx(found["eval_accuracy"])
    assert found.keys() & {f"eval_{name}" for name in FIGURES} == {"eval_row_accuracy", "eval_calibration_error"}


def test_a_score_of_the_users_that_has_the_name_of_a_figure_stays(tmp_path: Path) -> None:
    def scores(evaluated: EvalPrediction) -> dict[str, float]:
        return {"calibration_error": 42.0}

    run = words(tmp_path, compute_metrics=scores)
    run.args.max_steps = 1
    run.train()
    assert run.evaluate()["eval_calibration_error"] == 42.0


def test_the_objective_of_a_search_is_the_sum_of_the_users_scores(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    run = words(tmp_path, model=None, model_init=lambda: tiny.bert(), compute_metrics=lambda _: {"quality": 0.25})
    run.args.max_steps = 4
    best = run.hyperparameter_search(
        hp_space=lambda trial: {"seed": trial.suggest_int("seed", 0, 1)}, backend="optuna", n_trials=1
    )
    assert best.objective == 0.25


def test_rows_are_the_positions_with_a_label_of_all_batches() -> None:
    logits, labels = np.arange(24, dtype=np.float32).reshape(2, 4, 3), np.full((2, 4), -100)
    labels[0, 1], labels[1, 3] = 2, 1
    together = labeled_rows(logits, labels, 3)
    assert together is not None
    assert together[0].tolist() == [[3, 4, 5], [21, 22, 23]]
    assert together[1].tolist() == [2, 1]
    batches = labeled_rows([(logits[:1, :3], "hidden states"), (logits[1:], "more")], [labels[:1, :3], labels[1:]], 3)
    assert batches is not None
    assert all(torch.equal(one, other) for one, other in zip(together, batches, strict=True))


@pytest.mark.parametrize(
    ("predictions", "labels"),
    [
        (None, np.zeros(2, int)),
        (np.zeros((2, 3), np.float32), None),
        (np.zeros(2, int), np.zeros(2, int)),
        (np.zeros((2, 3), int), np.zeros(2, int)),
        (np.zeros((2, 5), np.float32), np.zeros(2, int)),
        (np.zeros((2, 3), np.float32), np.full(2, -100)),
    ],
    ids=["no predictions", "no labels", "classes", "indices of three best", "other classes", "nothing labelled"],
)
def test_what_is_no_logits_with_labels_has_no_rows(predictions: Any, labels: Any) -> None:
    assert labeled_rows(predictions, labels, 3) is None


def test_without_the_truth_purity_is_not_claimed(tmp_path: Path) -> None:
    line = tiny.lines(tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path, max_steps=2), methods=[SelfTuning()]))[-1]
    assert "queue_labeled_share" in line
    assert "queue_purity" not in line
