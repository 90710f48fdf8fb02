"""What SoftMatch promises: how much each label counts, and that its averages are the paper's."""

import math

import pytest
import torch
from made_step import built, logits, terms
from torch import nn

from hf_selftuning import SoftMatch
from hf_selftuning.core.step import Progress
from hf_selftuning.modules.running_moments import RunningMoments

WEAK = [[0.9, 0.05, 0.05], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.4, 0.35, 0.25]]
STRONG = [[0.5, 0.25, 0.25], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8]]
VIEWS = {"weak.0": logits(*WEAK), "strong.0": logits(*STRONG)}


def aligned_confidence(row: list[float], running: list[float]) -> float:
    ratios = [p / q for p, q in zip(row, running, strict=True)]
    return max(ratios) / sum(ratios)


def slow_loss(running: list[float], mean: float, variance: float) -> float:
    """A row at a time: the label of the plain prediction, weighed by the aligned one's confidence."""
    losses = []
    for weak, strong in zip(WEAK, STRONG, strict=True):
        confidence = aligned_confidence(weak, running)
        weight = 1.0 if confidence >= mean else math.exp(-((confidence - mean) ** 2) / (2 * variance))
        losses.append(-math.log(strong[weak.index(max(weak))]) * weight)
    return sum(losses) / len(losses)


@pytest.mark.parametrize("width", [1.0, 0.5])
def test_the_loss_is_the_papers_a_row_at_a_time(width: float) -> None:
    method = built(SoftMatch(width=width, weight=2.0), nn.Identity())
    method.prediction.value.copy_(torch.tensor([0.6, 0.3, 0.1]))
    method.confidence.mean.fill_(0.7)
    method.confidence.variance.fill_(0.02)
    found = terms(method, nn.Identity(), VIEWS)["pseudo_label"].item()
    assert found == pytest.approx(2 * slow_loss([0.6, 0.3, 0.1], 0.7, width**2 * 0.02), rel=1e-5)


def test_the_averages_follow_the_aligned_confidence_after_each_step() -> None:
    method = built(SoftMatch(momentum=0.9), nn.Identity())
    mean, variance, running = 1 / 3, 1.0, [1 / 3] * 3
    for finished in (1, 2, 3):
        terms(method, nn.Identity(), VIEWS)
        method.settle(Progress(finished, 100))
        found = [aligned_confidence(row, running) for row in WEAK]
        center = sum(found) / 4
        mean = 0.9 * mean + 0.1 * center
        variance = 0.9 * variance + 0.1 * sum((value - center) ** 2 for value in found) / 3
        running = [0.9 * q + 0.1 * sum(row[c] for row in WEAK) / 4 for c, q in enumerate(running)]
        assert method.confidence.mean.item() == pytest.approx(mean, rel=1e-5)
        assert method.confidence.variance.item() == pytest.approx(variance, rel=1e-5)
    torch.testing.assert_close(method.prediction.value, torch.tensor(running))


def test_without_alignment_the_plain_confidence_counts() -> None:
    method = built(SoftMatch(alignment=False), nn.Identity())
    method.prediction.value.copy_(torch.tensor([0.9, 0.05, 0.05]))
    method.confidence.mean.fill_(0.65)
    method.confidence.variance.fill_(1e-4)
    assert method.pseudo_labels(VIEWS["weak.0"])[1].tolist() == [True, True, False, False]


def test_moments_of_a_step_do_not_depend_on_how_it_is_cut() -> None:
    rows = torch.rand(7)
    whole, cut = RunningMoments(0.5, 1.0, 0.0), RunningMoments(0.5, 1.0, 0.0)
    whole.observe(rows)
    for part in rows.split([3, 0, 4]):
        cut.observe(part)
    for moments in (whole, cut):
        moments.settle(1)
        torch.testing.assert_close(moments.mean, rows.mean())
        torch.testing.assert_close(moments.variance, rows.var())


def test_a_single_row_has_a_mean_and_no_variance() -> None:
    moments = RunningMoments(0.5, 1.0, 0.0)
    moments.observe(torch.tensor([0.8]))
    moments.settle(1)
    assert moments.mean.item() == pytest.approx(0.8)
    assert moments.variance.item() == 1.0
    moments.observe(torch.zeros(0))
    moments.settle(2)
    assert moments.mean.item() == pytest.approx(0.8)
