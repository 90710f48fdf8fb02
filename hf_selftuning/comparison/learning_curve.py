"""A learning curve: score over the number of labels, and what it says of more of them."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

GRID = 1001


def never_falling(scores: Float[np.ndarray, "*n b"]) -> Float[np.ndarray, "*n b"]:
    """The nearest rows that never fall, each by isotonic regression."""
    return np.apply_along_axis(lambda row: isotonic_regression(row).x, -1, scores)


class LearningCurve:
    """Scores that never fall over log(labels): isotonic regression, then monotone cubic interpolation (PCHIP).

    Args:
        labels: of two budgets or more, rising.
        scores: one each, or rows of them: a curve each.
    """

    def __init__(self, labels: Sequence[float], scores: Sequence[float] | np.ndarray) -> None:
        if len(labels) < 2 or any(after <= before for before, after in itertools.pairwise(labels)):
            raise ValueError(
                f"A learning curve needs two budgets or more in rising order, and labels={list(labels)} was given; "
                "train fine-tuning at another --label_ratio or --labels_per_class."
            )
        self.labels = [float(count) for count in labels]
        self._curve = PchipInterpolator(np.log(self.labels), never_falling(np.asarray(scores, float)), axis=-1)

    def score(self, labels: float) -> Float[np.ndarray, "*n"]:
        """At so many labels; not a number outside the budgets that were run."""
        inside = self.labels[0] <= labels <= self.labels[-1]
        found = self._curve(math.log(labels))
        return found if inside else np.full_like(found, math.nan)

    def labels_for(self, scores: float | Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The fewest labels with which each curve reaches its score.

        Infinity where the largest budget does not reach it, minus infinity where the smallest is above it.
        """
        places = np.linspace(math.log(self.labels[0]), math.log(self.labels[-1]), GRID)
        heights = np.maximum.accumulate(self._curve(places), axis=-1)
        wanted = np.asarray(scores, float)[..., None]
        after = np.clip((heights < wanted).sum(-1, keepdims=True), 1, GRID - 1)
        below, above = (np.take_along_axis(heights, at, -1) for at in (after - 1, after))
        share = np.divide(wanted - below, above - below, out=np.zeros_like(below), where=above > below)
        share = np.clip(share, 0, 1)  # outside the heights it is no share, and its exponential would overflow
        found = np.exp(places[after - 1] + share * (places[after] - places[after - 1]))
        found = np.where(wanted < heights[..., :1], -math.inf, np.where(wanted > heights[..., -1:], math.inf, found))
        return found[..., 0]
