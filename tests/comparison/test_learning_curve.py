"""The learning curve, forwards and backwards."""

import itertools
import math

import numpy as np
import pytest

from hf_selftuning.comparison.learning_curve import LearningCurve, never_falling

LABELS = [10, 100, 1000]


def test_a_line_over_the_logarithm_is_met_between_its_points() -> None:
    curve = LearningCurve(LABELS, [0.1, 0.2, 0.3])
    assert curve.score(math.sqrt(10) * 10) == pytest.approx(0.15)
    assert curve.labels_for(0.25) == pytest.approx(math.sqrt(10) * 100, rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_labels_for_a_score_give_that_score_and_the_curve_never_falls(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = np.cumsum(generator.integers(5, 500, size=5)).tolist()
    curve = LearningCurve(labels, np.sort(generator.random(5)).tolist())
    heights = [curve.score(x) for x in np.linspace(labels[0], labels[-1], 200)]
    assert all(after >= before - 1e-12 for before, after in itertools.pairwise(heights))
    for score in np.linspace(heights[0], heights[-1], 20)[1:-1]:
        assert curve.score(curve.labels_for(float(score))) == pytest.approx(score, abs=1e-3)


def test_a_budget_that_scored_less_than_a_smaller_one_is_evened_out() -> None:
    curve = LearningCurve([10, 20, 40, 80], [0.1, 0.3, 0.2, 0.5])
    assert curve.score(20) == curve.score(40) == pytest.approx(0.25)


def test_rows_that_never_fall_are_those_of_the_formula() -> None:
    """Robertson et al. (1988): max over i' <= i of min over k >= i of mean(i' .. k)."""
    rows = np.random.default_rng(0).random((20, 6))
    expected = [
        [max(min(row[first : last + 1].mean() for last in range(i, 6)) for first in range(i + 1)) for i in range(6)]
        for row in rows
    ]
    np.testing.assert_allclose(never_falling(rows), expected)


def test_several_curves_are_read_at_once_as_one_by_one() -> None:
    generator = np.random.default_rng(1)
    rows, wanted = generator.random((30, 3)), generator.random(30)
    together = LearningCurve(LABELS, rows)
    alone = [LearningCurve(LABELS, row) for row in rows]
    np.testing.assert_allclose(
        together.labels_for(wanted), [c.labels_for(w) for c, w in zip(alone, wanted, strict=True)]
    )
    np.testing.assert_allclose(together.score(50), [curve.score(50) for curve in alone])


def test_outside_the_budgets_nothing_is_made_up() -> None:
    curve = LearningCurve(LABELS, [0.1, 0.2, 0.3])
    assert math.isnan(curve.score(5))
    assert math.isnan(curve.score(2000))
    assert curve.labels_for(0.31) == math.inf
    assert curve.labels_for(0.09) == -math.inf
    assert curve.labels_for(0.1) == pytest.approx(10)


@pytest.mark.filterwarnings("error")
def test_a_score_far_above_a_flat_end_does_not_overflow() -> None:
    assert LearningCurve(LABELS, [0.1, 0.3, 0.3 + 1e-9]).labels_for(0.9) == math.inf


@pytest.mark.parametrize("labels", [[10], [10, 10], [20, 10]])
def test_less_than_two_budgets_are_no_curve(labels: list[int]) -> None:
    with pytest.raises(ValueError, match="needs two budgets or more in rising order"):
        LearningCurve(labels, [0.1] * len(labels))
