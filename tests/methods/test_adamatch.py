"""What AdaMatch promises: aligned labels, a threshold relative to the labelled rows, and interpolated logits."""

import math

import pytest
import torch
import torch.nn.functional as F
from made_step import built, logits, made_step
from torch import Tensor, nn

from hf_selftuning import AdaMatch
from hf_selftuning.core.step import Progress, Step, Stream
from hf_selftuning.functional.mixing import random_interpolation
from hf_selftuning.methods.adamatch import rising_weight

WEAK = [[0.9, 0.05, 0.05], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.4, 0.35, 0.25]]
STRONG = [[0.5, 0.25, 0.25], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8]]
KNOWN, KNOWN_STRONG, LABELS = [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]], [[0.4, 0.5, 0.1], [0.1, 0.1, 0.8]], [0, 2]


def step(student: nn.Module, finished: int = 50) -> Step:
    """Half of the training is done, so that the weight has risen to 1."""
    made = made_step(
        student, {"weak.0": logits(*WEAK), "strong.0": logits(*STRONG)},
        labeled=logits(*KNOWN), labels=torch.tensor(LABELS), finished=finished,
    )  # fmt: skip
    views = {"weak.0": {"pixel_values": logits(*KNOWN)}, "strong.0": {"pixel_values": logits(*KNOWN_STRONG)}}
    made._streams = {**made._streams, "labeled": Stream(views, None, torch.tensor(LABELS), 1 / len(LABELS))}
    return made


def slow_loss(labeled: list[float], unlabeled: list[float], least: float) -> float:
    """A row at a time: p * labeled / unlabeled, normalised, and its class if it is sure enough."""
    losses = []
    for weak, strong in zip(WEAK, STRONG, strict=True):
        ratios = [p * q / r for p, q, r in zip(weak, labeled, unlabeled, strict=True)]
        best = max(ratios)
        losses.append(-math.log(strong[ratios.index(best)]) * (best / sum(ratios) >= least))
    return sum(losses) / len(losses)


def test_the_loss_is_the_papers_a_row_at_a_time() -> None:
    method = built(AdaMatch(threshold=0.8, weight=3.0), nn.Identity())
    labeled, unlabeled = [0.3, 0.3, 0.4], [0.5, 0.3, 0.2]
    method.labeled.value.copy_(torch.tensor(labeled))
    method.unlabeled.value.copy_(torch.tensor(unlabeled))
    method.confidence.value.fill_(0.9)
    found = method.terms(step(nn.Identity()))
    assert found["pseudo_label"].item() == pytest.approx(3 * slow_loss(labeled, unlabeled, 0.8 * 0.9), rel=1e-4)
    known = [-math.log(row[c]) for rows in (KNOWN, KNOWN_STRONG) for row, c in zip(rows, LABELS, strict=True)]
    assert found["supervised"].item() == pytest.approx(sum(known) / 4, rel=1e-5)


def test_threshold_and_means_follow_the_streams() -> None:
    method = built(AdaMatch(label_momentum=0.9, momentum=0.8), nn.Identity())
    method.terms(step(nn.Identity()))
    method.settle(Progress(1, 100))
    third = torch.full((3,), 1 / 3)
    torch.testing.assert_close(method.labeled.value, 0.9 * third + 0.1 * torch.tensor(KNOWN).mean(0))
    torch.testing.assert_close(method.unlabeled.value, 0.8 * third + 0.2 * torch.tensor(WEAK).mean(0))
    assert method.confidence.value.item() == pytest.approx(0.6)


def test_every_logit_lies_at_a_place_of_its_own_between_both() -> None:
    torch.manual_seed(0)
    first, second = torch.zeros(50, 3), torch.ones(50, 3)
    found = random_interpolation(first, second)
    assert ((found >= 0) & (found <= 1)).all()
    assert found.unique().numel() == found.numel()
    assert found.mean().item() == pytest.approx(0.5, abs=0.1)


class OfTheBatch(nn.Module):
    """A student whose logits are the inputs without the mean of the batch, as a BatchNorm would have it."""

    def forward(self, features: Tensor) -> Tensor:
        return features - features.mean(0)


def test_labelled_logits_lie_between_those_of_the_batch_alone_and_of_both_batches() -> None:
    everything = logits(*KNOWN, *KNOWN_STRONG, *WEAK, *STRONG)
    joined = everything - everything.mean(0)
    alone = torch.cat([logits(*rows) - logits(*rows).mean(0) for rows in (KNOWN, KNOWN_STRONG)])
    low, high = torch.minimum(alone, joined[:4]), torch.maximum(alone, joined[:4])
    seen: list[Tensor] = []
    made = step(OfTheBatch())
    made.supervised_losses = lambda found, labels: (seen.append(found), F.cross_entropy(found, labels))[1].expand(2)
    built(AdaMatch(), OfTheBatch()).terms(made)
    found = torch.cat(seen)
    assert ((found >= low - 1e-5) & (found <= high + 1e-5)).all()
    assert not torch.allclose(found, alone)
    assert not torch.allclose(found, joined[:4])


@pytest.mark.parametrize(("done", "weight"), [(0.0, 0.0), (0.25, 0.5), (0.5, 1.0), (0.9, 1.0)])
def test_the_weight_rises_until_the_middle(done: float, weight: float) -> None:
    assert rising_weight(done) == pytest.approx(weight)


def test_the_weight_rises_from_the_end_of_the_warm_up() -> None:
    method = built(AdaMatch(warmup_ratio=0.5, threshold=0.0), nn.Identity())
    assert method.terms(step(nn.Identity(), finished=50))["pseudo_label"].item() == 0
    late = method.terms(step(nn.Identity(), finished=75))["pseudo_label"].item()
    assert late == pytest.approx(slow_loss([1, 1, 1], [1, 1, 1], 0.0), rel=1e-5)


def test_only_the_pass_of_both_streams_moves_the_running_statistics() -> None:
    student = nn.BatchNorm1d(3, affine=False)
    built(AdaMatch(), student).terms(step(student))
    everything = logits(*KNOWN, *KNOWN_STRONG, *WEAK, *STRONG)
    torch.testing.assert_close(student.running_mean, 0.1 * everything.mean(0))
    torch.testing.assert_close(student.running_var, 0.9 + 0.1 * everything.var(0))
    assert student.num_batches_tracked.item() == 1
    assert student.track_running_stats, "the next pass moves them again"
