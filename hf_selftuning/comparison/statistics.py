"""What a difference between two methods is worth: pure functions of counts of test items."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from ..counts import ratio

DRAWS = 2000
CHUNK = 100
"""Draws at once; a chunk of 100 and 10,000 test items takes 8 MB."""


def mean_and_std(values: Sequence[float]) -> tuple[float, float]:
    """Mean, and standard deviation with n - 1; not a number for a single value."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return float(np.mean(values)), spread


def item_weights(items: int, draws: int, generator: np.random.Generator) -> Int[np.ndarray, "draws items"]:
    """How often each item is drawn when as many are drawn with replacement as there are: multinomial weights."""
    drawn = generator.integers(items, size=(draws, items)) + items * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * items).reshape(draws, items)


def resampled_scores(
    counts: Int[np.ndarray, "systems seeds items 3"], *, draws: int = DRAWS, seed: int = 0
) -> Float[np.ndarray, "draws systems"]:
    """Mean scores over seeds, with test items and seeds drawn anew, alike for all systems.

    The same items are scored under every seed, so one draw of items goes with all of them; drawing items for each
    seed apart would average their noise away. Of s seeds s - 1 are drawn (one of one): the mean of s drawn ones has
    only (s - 1) / s of the variance of a mean of s (Rao and Wu, 1988), which matters where s is 3.

    Args:
        counts: of each item, for systems (methods, or budgets) that share seeds and test items.
        draws: number of resamples.
        seed: of the resampling.
    """
    systems, seeds, items, _ = counts.shape
    generator = np.random.default_rng(seed)
    flat = counts.transpose(2, 0, 1, 3).reshape(items, -1).astype(np.float64)
    scores = []
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        totals = item_weights(items, size, generator).astype(np.float64) @ flat
        each = ratio(totals.reshape(size, systems, seeds, 3))
        drawn = generator.integers(seeds, size=(size, 1, max(seeds - 1, 1)))
        scores.append(np.take_along_axis(each, drawn, axis=2).mean(2))
    return np.concatenate(scores)


def interval(values: Float[np.ndarray, "draws"], level: float = 0.95) -> tuple[float, float]:
    """The middle share of the draws; values may be infinite."""
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def difference_interval(
    counts: Int[np.ndarray, "seeds items 3"],
    baseline: Int[np.ndarray, "seeds items 3"],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % interval of the mean difference of two methods, paired over seeds and test items."""
    scores = resampled_scores(np.stack([counts, baseline]), draws=draws, seed=seed)
    return interval(scores[:, 0] - scores[:, 1])
