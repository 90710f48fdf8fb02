"""What dev data with labels tells of pseudo-labels, in every evaluation that is followed."""

from pathlib import Path

import pytest
import tiny
import torch
from made_step import built, made_step
from torch import nn

from hf_selftuning import METHODS, Method, SelfTuning
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.methods.fixmatch import FixMatch
from hf_selftuning.metrics import entity_scores
from hf_selftuning.modules.running_mean import RunningMean
from hf_selftuning.monitoring.held_out import follow, slice_figures
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
    assert figures["pseudo_label_accuracy_entities"] == 0.5
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


def test_a_followed_run_logs_its_figures_in_words(tmp_path: Path) -> None:
    methods: list[Method] = [SelfTuning.from_preset("words", warmup_ratio=0.25)]
    args = tiny.arguments(tmp_path, eval_strategy="steps", eval_steps=4, audit_pseudo_labels=True)
    run = tiny.trainer(tiny.WORDS, args, methods=methods, compute_metrics=entity_scores(tiny.TAGS))
    follow(run)
    run.train()
    evaluation = next(line for line in reversed(run.state.log_history) if "eval_f1" in line)
    training = tiny.lines(run)[-1]
    assert evaluation["eval_pseudo_label_coverage"] == 1
    assert evaluation["eval_pseudo_label_accuracy"] == evaluation["eval_row_accuracy"]
    gap = evaluation["eval_row_accuracy"] - training["pseudo_label_accuracy"]
    assert evaluation["eval_pseudo_label_gap"] == pytest.approx(gap)
    assert 0 < evaluation["eval_queue_age"] < 32
    assert 0 <= training["pseudo_label_shift"] <= 1
    assert training["queue_labeled_share"] <= training["queue_purity"] <= 1


def test_without_the_truth_purity_is_not_claimed(tmp_path: Path) -> None:
    line = tiny.lines(tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path, max_steps=2), methods=[SelfTuning()]))[-1]
    assert "queue_labeled_share" in line
    assert "queue_purity" not in line
