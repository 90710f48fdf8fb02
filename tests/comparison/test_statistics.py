"""The statistics of a comparison against slow loops, and what they promise of coverage."""

import math

import numpy as np
import pytest

from hf_selftuning.comparison.statistics import (
    CHUNK,
    difference_interval,
    interval,
    item_weights,
    mean_and_std,
    resampled_scores,
)
from hf_selftuning.counts import class_counts


def drawn_counts(systems: int, seeds: int, items: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    counts = generator.integers(0, 4, size=(systems, seeds, items, 3))
    counts[..., 0] = np.minimum(counts[..., 0], counts[..., 1:].min(-1))
    return counts


def test_mean_and_spread_over_seeds() -> None:
    assert mean_and_std([1.0, 2.0, 6.0]) == pytest.approx((3.0, math.sqrt(7.0)))
    mean, spread = mean_and_std([4.0])
    assert mean == 4.0
    assert math.isnan(spread)


def test_weights_are_counts_of_drawn_items() -> None:
    weights = item_weights(5, 3, np.random.default_rng(1))
    drawn = np.random.default_rng(1).integers(5, size=(3, 5))
    for row, places in zip(weights, drawn, strict=True):
        assert row.tolist() == [places.tolist().count(item) for item in range(5)]


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_resampled_scores_are_those_of_loops_over_drawn_items_and_seeds(seeds: int) -> None:
    systems, items, draws = 2, 7, CHUNK + 3
    counts = drawn_counts(systems, seeds, items)
    generator = np.random.default_rng(5)
    expected = []
    for size in (CHUNK, 3):
        places = generator.integers(items, size=(size, items))
        chosen = generator.integers(seeds, size=(size, 1, max(seeds - 1, 1)))[:, 0]
        for row in range(size):
            expected.append([])
            for system in range(systems):
                scores = []
                for seed in chosen[row]:
                    correct = predicted = there = 0
                    for item in places[row]:
                        c, p, e = counts[system, seed, item]
                        correct, predicted, there = correct + c, predicted + p, there + e
                    scores.append(2 * correct / (predicted + there) if predicted + there else 0.0)
                expected[-1].append(sum(scores) / len(scores))
    np.testing.assert_allclose(resampled_scores(counts, draws=draws, seed=5), expected)


def test_the_spread_of_the_mean_over_seeds_is_that_of_the_textbook() -> None:
    shares = [0.5, 0.6, 0.9]
    # Every item is as right as every other, so only the seeds vary.
    counts = np.array([[[[int(1000 * share), 1000, 1000]] * 3 for share in shares]])
    drawn = resampled_scores(counts, draws=20_000)[:, 0]
    assert drawn.var() == pytest.approx(np.var(shares, ddof=1) / len(shares), rel=0.05)


def test_the_spread_over_items_is_not_averaged_away_by_seeds() -> None:
    right = class_counts([1] * 30 + [0] * 70, [1] * 100)
    one, five = (resampled_scores(np.stack([[right] * seeds]), draws=4000) for seeds in (1, 5))
    assert one.std() == pytest.approx(math.sqrt(0.3 * 0.7 / 100), rel=0.05)
    assert five.std() == pytest.approx(one.std(), rel=0.05)


def test_an_interval_holds_the_middle_of_the_draws_and_may_end_in_infinity() -> None:
    assert interval(np.arange(1, 1001, dtype=float)) == pytest.approx((25.5, 975.0), abs=0.6)
    assert interval(np.array([1.0] * 9 + [math.inf] * 91)) == (1.0, math.inf)


def test_a_method_that_is_fine_tuning_has_no_difference() -> None:
    counts = drawn_counts(1, 3, 50)[0]
    assert difference_interval(counts, counts) == (0.0, 0.0)


def test_paired_items_make_a_small_difference_clear() -> None:
    hard = np.arange(400) / 400
    ours, theirs = (np.stack([class_counts(hard < share, [1] * 400)] * 3) for share in (0.55, 0.5))
    low, high = difference_interval(ours, theirs)
    assert 0.02 < low < 0.05 < high < 0.08
