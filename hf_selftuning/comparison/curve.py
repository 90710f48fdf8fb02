"""A learning curve: score over the number of labels, and what it says of more of them."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

GRID = 1001


class LearningCurve:
    """Scores that never fall over log(labels): isotonic regression, then monotone cubic interpolation (PCHIP).

    Args:
        labels: of two budgets or more, rising.
        scores: one each.
    """

    def __init__(self, labels: Sequence[float], scores: Sequence[float] | np.ndarray) -> None:
        if len(labels) < 2 or any(after <= before for before, after in itertools.pairwise(labels)):
            raise ValueError(
                f"A learning curve needs two budgets or more in rising order, and labels={list(labels)} was given; "
                "train fine-tuning at another --label_ratio or --labels_per_class."
            )
        self.labels = [float(count) for count in labels]
        self._curve = PchipInterpolator(np.log(self.labels), isotonic_regression(np.asarray(scores, float)).x)

    def score(self, labels: float) -> float:
        """At so many labels; not a number outside the budgets that were run."""
        inside = self.labels[0] <= labels <= self.labels[-1]
        return float(self._curve(math.log(labels))) if inside else math.nan

    def labels_for(self, score: float) -> float:
        """The fewest labels with which the curve reaches a score.

        Infinity where the largest budget does not reach it, minus infinity where the smallest is above it.
        """
        places = np.linspace(math.log(self.labels[0]), math.log(self.labels[-1]), GRID)
        heights = np.maximum.accumulate(self._curve(places))
        if score < heights[0]:
            return -math.inf
        if score > heights[-1]:
            return math.inf
        after = int(np.searchsorted(heights, score))
        if after == 0:
            return self.labels[0]
        rise = heights[after] - heights[after - 1]
        share = (score - heights[after - 1]) / rise
        return float(np.exp(places[after - 1] + share * (places[after] - places[after - 1])))
