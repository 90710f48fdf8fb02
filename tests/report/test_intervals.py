"""The statistics of a comparison against slow loops, and what they promise of coverage."""

import math

import numpy as np
import pytest

from hf_selftuning.metrics import class_counts
from hf_selftuning.report.intervals import (
    CHUNK,
    difference_interval,
    half_width,
    interval,
    item_weights,
    likely_scores,
    mean_and_std,
    resampled_scores,
    seed_deviations,
)


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
def test_resampled_scores_are_those_of_loops_over_drawn_items(seeds: int) -> None:
    systems, items, draws = 2, 7, CHUNK + 3
    counts = drawn_counts(systems, seeds, items)
    generator = np.random.default_rng(5)
    expected = []
    for size in (CHUNK, 3):
        for places in generator.integers(items, size=(size, items)):
            expected.append([])
            for system in range(systems):
                scores = []
                for seed in range(seeds):
                    correct = predicted = there = 0
                    for item in places:
                        c, p, e = counts[system, seed, item]
                        correct, predicted, there = correct + c, predicted + p, there + e
                    scores.append(2 * correct / (predicted + there) if predicted + there else 0.0)
                expected[-1].append(sum(scores) / len(scores))
    np.testing.assert_allclose(resampled_scores(counts, draws=draws, seed=5), expected)


def test_seeds_deviate_as_a_t_with_the_covariance_of_their_mean() -> None:
    scores = np.array([[0.5, 0.6, 0.9, 0.4, 0.7, 0.3], [0.2, 0.2, 0.8, 0.1, 0.3, 0.3]])
    drawn = seed_deviations(scores, draws=100_000)
    # The variance of a t with n degrees of freedom is n / (n - 2).
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(scores) / 6 * 5 / 3, rtol=0.05)
    two = seed_deviations(scores[:1, :2], draws=100_000)[:, 0]
    # At two seeds a Cauchy, whose quarter lies beyond its scale: half of the difference.
    assert np.quantile(two, 0.75) == pytest.approx(0.05, rel=0.03)
    assert not seed_deviations(scores[:, :1], draws=5).any()


def test_half_an_interval_is_that_of_the_textbook_where_one_part_is_all() -> None:
    half = half_width(np.array([4.0, 0.0, 0.0]), np.array([0.0, 4.0, 0.0]), seeds=3, items=61)
    assert half == pytest.approx([2 * 4.3027, 2 * 2.0003, 0.0], rel=1e-4)


@pytest.mark.parametrize("ratio", [0.0, 0.1, 1.0, 3.0, 10.0, 100.0, math.inf])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_intervals_hold_the_truth_however_the_noise_is_shared(seeds: int, ratio: float) -> None:
    runs, items = 40_000, 1000
    generator = np.random.default_rng(seeds)
    of_seeds, of_items = (1.0, 0.0) if ratio == math.inf else (ratio, 1.0)
    off = math.sqrt(of_seeds + of_items) * generator.standard_normal(runs)
    guessed = of_seeds * generator.chisquare(seeds - 1, runs) / (seeds - 1)
    half = half_width(guessed, np.full(runs, of_items), seeds=seeds, items=items)
    assert np.mean(np.abs(off) < half) > 0.94


@pytest.mark.parametrize("item_noise", [False, True])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_differences_of_nothing_but_noise_are_within_their_interval(seeds: int, item_noise: bool) -> None:
    runs, items, level = 400, 60, 10_000
    generator = np.random.default_rng(seeds)
    held = 0
    for _ in range(runs):
        counts = []
        for _ in range(2):
            of_seeds = generator.normal(0.5, 0.03, size=(seeds, 1))
            of_items = generator.normal(0, 0.2, size=items) if item_noise else np.zeros(items)
            right = np.round(level * np.clip(of_seeds + of_items, 0, 1)).astype(int)
            counts.append(np.stack([right, *[np.full_like(right, level)] * 2], axis=-1))
        low, high = difference_interval(counts[0], counts[1], draws=200)
        held += low <= 0 <= high
    assert held / runs > 0.92


def test_draws_of_likely_scores_hold_the_truth_as_well() -> None:
    runs, seeds, level = 400, 2, 10_000
    generator = np.random.default_rng(0)
    held = 0
    for _ in range(runs):
        right = np.round(level * generator.normal(0.5, 0.03, size=(1, seeds, 1))).astype(int).repeat(5, axis=2)
        low, high = interval(likely_scores(np.stack([right, *[np.full_like(right, level)] * 2], axis=-1))[:, 0])
        held += low <= 0.5 <= high
    assert held / runs > 0.92


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
