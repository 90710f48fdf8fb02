"""Figures of confidence and of pseudo-labels, against slow loops and by hand."""

import math

import pytest
import torch
from torch import Tensor

from hf_selftuning.functional.health_figures import (
    calibration_error,
    mean_over_classes,
    median_age,
    missing_classes,
    total_variation,
)


def slow_calibration_error(confidence: Tensor, right: Tensor, bins: int) -> float:
    """Equation (3) of arXiv 1706.04599, bin by bin and row by row."""
    error = 0.0
    for m in range(1, bins + 1):
        inside = [i for i, c in enumerate(confidence.tolist()) if (m - 1) / bins < c <= m / bins]
        if inside:
            accuracy = sum(bool(right[i]) for i in inside) / len(inside)
            mean = sum(float(confidence[i]) for i in inside) / len(inside)
            error += len(inside) / len(confidence) * abs(accuracy - mean)
    return error


@pytest.mark.parametrize("bins", [1, 4, 15])
def test_calibration_is_that_of_the_equation(bins: int) -> None:
    generator = torch.Generator().manual_seed(bins)
    confidence = 1 - torch.rand(200, generator=generator)  # above 0, and 1 among them
    right = torch.rand(200, generator=generator) < confidence**2
    found = calibration_error(confidence, right, bins=bins).item()
    assert found == pytest.approx(slow_calibration_error(confidence, right, bins), abs=1e-12)
    assert found > 0.05


def test_a_confidence_on_the_edge_belongs_to_the_lower_bin() -> None:
    # Were 0.5 in the upper bin, its excess of 0.5 would cancel with 0.75 there, as it does in a single bin.
    confidence, right = torch.tensor([0.5, 0.75]), torch.tensor([True, False])
    assert calibration_error(confidence, right, bins=2).item() == pytest.approx((0.5 + 0.75) / 2)
    assert calibration_error(confidence, right, bins=1).item() == pytest.approx(abs(0.5 - 0.75) / 2)


def test_without_rows_calibration_is_not_known() -> None:
    assert math.isnan(calibration_error(torch.zeros(0), torch.zeros(0, dtype=torch.bool)))


def test_histograms_are_compared_as_shares() -> None:
    assert total_variation(torch.tensor([1, 1, 2]), torch.tensor([2, 2, 4])) == 0
    assert total_variation(torch.tensor([3, 0]), torch.tensor([0, 7])) == 1
    assert total_variation(torch.tensor([3, 1]), torch.tensor([1, 1])) == pytest.approx(0.25)


def test_a_class_is_missing_where_labels_have_it_and_pseudo_labels_have_not() -> None:
    assert missing_classes(torch.tensor([0, 5, 0, 0]), torch.tensor([2, 1, 1, 0])) == pytest.approx(2 / 3)


def test_every_class_with_a_case_counts_the_same() -> None:
    assert mean_over_classes(torch.tensor([90, 1, 0]), torch.tensor([100, 2, 0])) == pytest.approx((0.9 + 0.5) / 2)


def test_a_ring_that_takes_twice_its_size_is_replaced_twice() -> None:
    assert median_age(torch.tensor([8, 16, 4]), size=4, steps=10) == 5
    assert median_age(torch.tensor([0, 0, 4]), size=4, steps=10) == math.inf
