"""Pseudo-labels against the papers' equations, written slowly, and values to check by hand."""

import math

import pytest
import torch

from hf_selftuning.functional.pseudo_labels import (
    align,
    best_class,
    fairness,
    flexible_thresholds,
    free_thresholds,
    sharpen,
)


def some_logits(rows: int, classes: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, classes, generator=torch.Generator().manual_seed(seed))


def test_the_best_class_and_how_probable_it_is() -> None:
    confidence, labels = best_class(torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]]).log())
    torch.testing.assert_close(confidence, torch.tensor([0.7, 0.5]))
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize("temperature", [0.3, 0.5, 1.0])
def test_sharpening_is_a_normalised_power(temperature: float) -> None:
    probabilities = some_logits(4, 3, 0).softmax(1)
    for row, sharp in zip(probabilities.tolist(), sharpen(probabilities, temperature).tolist(), strict=True):
        powers = [p ** (1 / temperature) for p in row]
        assert sharp == pytest.approx([power / sum(powers) for power in powers], rel=1e-5)


def test_a_class_of_no_probability_stays_without() -> None:
    sharp = sharpen(torch.tensor([[0.0, 0.25, 0.75]]), 0.5)
    torch.testing.assert_close(sharp, torch.tensor([[0.0, 0.1, 0.9]]))


def test_alignment_multiplies_by_target_over_running_and_normalises() -> None:
    values, running, target = some_logits(4, 3, 1), [0.6, 0.3, 0.1], [0.2, 0.2, 0.6]
    found = align(values, torch.tensor(running), torch.tensor(target)).softmax(1)
    for row, aligned in zip(values.softmax(1).tolist(), found.tolist(), strict=True):
        ratio = [p * t / r for p, t, r in zip(row, target, running, strict=True)]
        assert aligned == pytest.approx([value / sum(ratio) for value in ratio], rel=1e-5)


def test_without_a_target_the_log_prior_is_subtracted_as_strongly_as_asked() -> None:
    values, running = some_logits(2, 3, 2), [0.6, 0.3, 0.1]
    found = align(values, torch.tensor(running), strength=0.5)
    for row, debiased in zip(values.tolist(), found.tolist(), strict=True):
        expected = [f - 0.5 * math.log(p) for f, p in zip(row, running, strict=True)]
        assert debiased == pytest.approx(expected, rel=1e-5)


def test_a_class_that_is_never_predicted_keeps_alignment_finite() -> None:
    assert torch.isfinite(align(torch.zeros(1, 2), torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))).all()


def slow_flexible(counts: list[int], rows: int, threshold: float) -> list[float]:
    """FlexMatch's equations over counts sigma and the number N of all rows."""
    unused = rows - sum(counts)
    found = []
    for count in counts:
        status = count / max(*counts, unused)
        found.append(threshold * status / (2 - status))
    return found


@pytest.mark.parametrize("counts", [[0, 0, 0], [1, 2, 0], [40, 20, 30], [50, 50, 0], [100, 0, 0]])
def test_flexible_thresholds_are_the_papers(counts: list[int]) -> None:
    found = flexible_thresholds(torch.tensor(counts) / 100, 0.95)
    assert found.tolist() == pytest.approx(slow_flexible(counts, 100, 0.95), abs=1e-6)


def test_flexible_thresholds_start_at_zero_and_the_best_class_ends_at_the_threshold() -> None:
    assert flexible_thresholds(torch.zeros(3), 0.95).tolist() == [0, 0, 0]
    found = flexible_thresholds(torch.tensor([0.6, 0.3, 0.1]), 0.9)
    # b = 1, 1/2, 1/6 and b / (2 - b) = 1, 1/3, 1/11.
    assert found.tolist() == pytest.approx([0.9, 0.3, 0.9 / 11])


def test_few_confident_rows_keep_flexible_thresholds_low() -> None:
    """The paper's threshold warm-up: while most rows are not confident, their number is what counts."""
    found = flexible_thresholds(torch.tensor([0.1, 0.1]), 1.0)
    assert found.tolist() == pytest.approx([0.125 / 1.875] * 2)


def test_free_thresholds_are_the_confidence_times_the_share_of_the_commonest() -> None:
    found = free_thresholds(torch.tensor(0.8), torch.tensor([0.5, 0.25, 0.25]))
    assert found.tolist() == pytest.approx([0.8, 0.4, 0.4])


def slow_fairness(values: torch.Tensor, used: list[bool], running: list[float], histogram: list[float]) -> float:
    """Minus the cross-entropy of two normalised ratios, a class at a time."""
    chosen = [row for row, keep in zip(values.softmax(1).tolist(), used, strict=True) if keep]
    classes = range(len(running))
    mean = [sum(row[c] for row in chosen) / len(chosen) for c in classes]
    counts = [sum(row.index(max(row)) == c for row in chosen) / len(chosen) for c in classes]

    def per_label(shares: list[float], labels: list[float]) -> list[float]:
        ratio = [share / label if label else 0.0 for share, label in zip(shares, labels, strict=True)]
        return [value / sum(ratio) for value in ratio]

    expected, found = per_label(running, histogram), per_label(mean, counts)
    return sum(e * math.log(max(f, 1e-6)) for e, f in zip(expected, found, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_fairness_is_the_papers(seed: int) -> None:
    values, used = some_logits(12, 3, seed), [i % 4 != 0 for i in range(12)]
    running, histogram = [0.5, 0.3, 0.2], [0.6, 0.4, 0.0]
    found = fairness(values, torch.tensor(used), torch.tensor(running), torch.tensor(histogram))
    assert found.item() == pytest.approx(slow_fairness(values, used, running, histogram), rel=1e-4)


def test_fairness_is_nothing_where_no_row_is_used_and_its_gradient_is_finite() -> None:
    values = some_logits(3, 3, 0).requires_grad_()
    found = fairness(values, torch.zeros(3, dtype=torch.bool), torch.full((3,), 1 / 3), torch.full((3,), 1 / 3))
    found.backward()
    assert found.item() == 0
    assert values.grad is not None
    assert torch.isfinite(values.grad).all()


def test_fairness_falls_as_the_used_rows_agree_less_with_the_favoured_class() -> None:
    """Its gradient takes probability from the class that the running prediction favours over its labels."""
    values = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).requires_grad_()
    running, histogram = torch.tensor([0.9, 0.1]), torch.tensor([0.5, 0.5])
    fairness(values, torch.ones(2, dtype=torch.bool), running, histogram).backward()
    assert values.grad is not None
    assert (values.grad[:, 0] > 0).all()
