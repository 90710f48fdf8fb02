"""What Pseudo-Labeling, FixMatch, FlexMatch, FreeMatch and DebiasMatch promise: which labels are used, and whose."""

import math

import pytest
import torch
from made_step import built, logits, made_step, terms
from torch import Tensor, nn

from hf_selftuning.core.step import Progress, Step
from hf_selftuning.functional.pseudo_labels import fairness
from hf_selftuning.methods import (
    UDA,
    DebiasMatch,
    FixMatch,
    FlexMatch,
    FreeMatch,
    MeanTeacher,
    PiModel,
    PseudoLabeling,
)

WEAK = [[0.96, 0.03, 0.01], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9], [0.4, 0.35, 0.25]]
STRONG = [[0.5, 0.25, 0.25], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8]]
VIEWS = ("weak.0", "strong.0")


def step(weak: list[list[float]] = WEAK, strong: list[list[float]] = STRONG) -> Step:
    return made_step(nn.Identity(), dict(zip(VIEWS, (logits(*weak), logits(*strong)), strict=True)))


def cross_entropy(labels: list[int], used: list[bool], predictions: list[list[float]] = STRONG) -> float:
    """The mean over all rows, those that are not used counting nothing."""
    losses = [-math.log(row[c]) * use for row, c, use in zip(predictions, labels, used, strict=True)]
    return sum(losses) / len(losses)


def used_by(method, given: Step) -> tuple[list[int], list[bool]]:
    method.terms(given)
    ((labels, used),) = given.reported
    return labels.tolist(), used.tolist()


# ---- Pseudo-Labeling, FixMatch ----


def test_pseudo_labeling_teaches_the_view_that_its_labels_are_read_from() -> None:
    found = terms(PseudoLabeling(threshold=0.8, weight=2.0), nn.Identity(), {"weak.0": logits(*WEAK)})
    expected = 2 * cross_entropy([0, 1, 2, 0], [True, False, True, False], WEAK)
    assert found["pseudo_label"].item() == pytest.approx(expected, rel=1e-5)


def test_fixmatch_teaches_strong_views_the_confident_labels_of_weak_ones() -> None:
    found = FixMatch(threshold=0.8).terms(step())["pseudo_label"].item()
    assert found == pytest.approx(cross_entropy([0, 1, 2, 0], [True, False, True, False]), rel=1e-5)


@pytest.mark.parametrize("method", [FixMatch(threshold=0.5), PseudoLabeling(threshold=0.5)])
def test_a_label_of_exactly_the_threshold_is_used(method) -> None:
    """Two equal logits beside a hopeless one give 0.5 to the bit; beside a poor one a little less."""
    weak = torch.tensor([[0.0, 0.0, -1000.0], [0.0, 0.0, -8.0]])
    given = made_step(nn.Identity(), {"weak.0": weak, "strong.0": weak})
    assert weak.softmax(1)[0, 0].item() == 0.5
    assert used_by(method, given)[1] == [True, False]


@pytest.mark.parametrize(
    "kind", [PseudoLabeling, FixMatch, FlexMatch, FreeMatch, DebiasMatch, PiModel, MeanTeacher, UDA]
)
def test_a_micro_batch_without_a_word_costs_nothing_and_leaves_no_trace(kind) -> None:
    student = nn.Linear(4, 3)
    method = built(kind(), student)
    before = {name: value.clone() for name, value in method.state_dict().items()}
    found = terms(method, student, {view: torch.zeros(0, 4) for view in method.views().unlabeled})
    torch.stack(list(found.values())).sum().backward()
    method.settle(Progress(1, 100))
    assert all(value.item() == 0 for value in found.values())
    assert student.weight.grad is not None
    assert (student.weight.grad == 0).all()
    for name, value in method.state_dict().items():
        torch.testing.assert_close(value, before[name])


def test_no_gradient_reaches_the_view_that_a_label_is_read_from() -> None:
    for method in (FixMatch(threshold=0.0), FlexMatch(), FreeMatch(), DebiasMatch(threshold=0.0)):
        views = {"weak.0": logits(*WEAK).requires_grad_(), "strong.0": logits(*STRONG).requires_grad_()}
        torch.stack(list(terms(built(method, nn.Identity()), nn.Identity(), views).values())).sum().backward()
        assert views["weak.0"].grad is None
        assert views["strong.0"].grad is not None


# ---- FlexMatch ----


def test_flexmatch_uses_every_label_before_anything_is_learnt() -> None:
    method = built(FlexMatch(), nn.Identity())
    assert used_by(method, step())[1] == [True] * 4


def test_flexmatch_counts_confident_labels_by_the_fixed_threshold_and_uses_by_the_classs_own() -> None:
    method = built(FlexMatch(threshold=0.8, momentum=0.0), nn.Identity())
    method.terms(step())
    method.settle(Progress(1, 100))
    assert method.labeler.mean("learned").tolist() == [0.25, 0, 0.25]
    # Half are not confident: b = 1/2, 0, 1/2, so the thresholds are 0.8 / 3, 0, 0.8 / 3.
    weak = [[0.3, 0.3, 0.4], [0.26, 0.26, 0.48], [0.34, 0.33, 0.33], [0.3, 0.4, 0.3]]
    assert used_by(method, step(weak))[1] == [True] * 4
    method.labeler.mean("learned").copy_(torch.tensor([0.6, 0.0, 0.3]))
    # b = 1, 0, 1/2: thresholds 0.8, 0, 0.8 / 3.
    labels, used = used_by(method, step([[0.79, 0.2, 0.01], [0.81, 0.1, 0.09], [0.3, 0.36, 0.34], [0.3, 0.3, 0.4]]))
    assert labels == [0, 0, 1, 2]
    assert used == [False, True, True, True]


def test_a_skipped_step_teaches_flexmatch_nothing() -> None:
    method = built(FlexMatch(threshold=0.8, momentum=0.0), nn.Identity())
    method.terms(step())
    method.forget()
    method.settle(Progress(1, 100))
    assert method.labeler.mean("learned").tolist() == [0, 0, 0]


# ---- FreeMatch ----


def test_freematch_starts_at_the_confidence_of_one_that_knows_nothing() -> None:
    method = built(FreeMatch(), nn.Identity())
    assert method.labeler.mean("confidence").item() == pytest.approx(1 / 3)
    assert used_by(method, step())[1] == [True] * 4


def test_freematchs_averages_are_the_papers() -> None:
    method = built(FreeMatch(momentum=0.9), nn.Identity())
    confidence, prediction, histogram = 1 / 3, torch.full((3,), 1 / 3), torch.full((3,), 1 / 3)
    for finished, weak in enumerate([WEAK, STRONG, WEAK], 1):
        method.terms(step(weak))
        method.settle(Progress(finished, 100))
        rows = torch.tensor(weak)
        confidence = 0.9 * confidence + 0.1 * sum(max(row) for row in weak) / 4
        prediction = 0.9 * prediction + 0.1 * rows.mean(0)
        counts = torch.tensor([sum(row.index(max(row)) == c for row in weak) / 4 for c in range(3)])
        histogram = 0.9 * histogram + 0.1 * counts
    assert method.labeler.mean("confidence").item() == pytest.approx(confidence)
    torch.testing.assert_close(method.labeler.mean("prediction"), prediction)
    torch.testing.assert_close(method.histogram.value, histogram)


def test_freematch_uses_labels_above_the_global_threshold_times_the_classs_share() -> None:
    method = built(FreeMatch(), nn.Identity())
    method.labeler.mean("confidence").copy_(torch.tensor(0.8))
    method.labeler.mean("prediction").copy_(torch.tensor([0.5, 0.25, 0.25]))
    weak = [[0.79, 0.2, 0.01], [0.81, 0.1, 0.09], [0.3, 0.41, 0.29], [0.31, 0.3, 0.39]]
    assert used_by(method, step(weak)) == ([0, 0, 1, 2], [False, True, True, False])


def test_freematch_adds_the_weighted_fairness_of_the_used_strong_views() -> None:
    method = built(FreeMatch(fairness_weight=0.1), nn.Identity())
    found = method.terms(step())
    uniform = torch.full((3,), 1 / 3)
    expected = fairness(logits(*STRONG), torch.ones(4, dtype=torch.bool), uniform, uniform)
    assert found["fairness"].item() == pytest.approx(0.1 * expected.item(), rel=1e-5)
    assert found["pseudo_label"].item() == pytest.approx(cross_entropy([0, 1, 2, 0], [True] * 4), rel=1e-5)


# ---- DebiasMatch ----


def slow_debiasmatch(prior: list[float], strength: float, threshold: float) -> float:
    """Equations of the label and of the marginal loss, a row at a time."""
    losses = []
    for weak, strong in zip(WEAK, STRONG, strict=True):
        debiased = [p / q**strength for p, q in zip(weak, prior, strict=True)]
        best = max(debiased)
        label = debiased.index(best)
        shifted = [p * q**strength for p, q in zip(strong, prior, strict=True)]
        losses.append(-math.log(shifted[label] / sum(shifted)) * (best / sum(debiased) >= threshold))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_debiasmatch_is_the_papers(strength: float) -> None:
    prior = [0.7, 0.2, 0.1]
    method = built(DebiasMatch(threshold=0.5, strength=strength), nn.Identity())
    method.prediction.value.copy_(torch.tensor(prior))
    found = method.terms(step())["pseudo_label"].item()
    assert found == pytest.approx(slow_debiasmatch(prior, strength, 0.5), rel=1e-5)


def test_debiasmatch_gives_the_rarer_class_where_the_student_is_undecided() -> None:
    method = built(DebiasMatch(strength=1.0), nn.Identity())
    method.prediction.value.copy_(torch.tensor([0.6, 0.2, 0.2]))
    assert used_by(method, step())[0] == [0, 1, 2, 1]


def test_debiasmatchs_prior_is_that_of_the_plain_predictions() -> None:
    """Not of the debiased ones, which would hide the favour that is to be taken out."""
    method = built(DebiasMatch(momentum=0.0, strength=1.0), nn.Identity())
    method.prediction.value.copy_(torch.tensor([0.6, 0.2, 0.2]))
    method.terms(step())
    method.settle(Progress(1, 100))
    expected: Tensor = torch.tensor(WEAK).mean(0)
    torch.testing.assert_close(method.prediction.value, expected)
