"""Learning curves: score over the number of labels, and the cells of fine-tuning that make one."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator
from scipy.optimize import isotonic_regression

from ..report.row import BASELINE
from .cells import Result
from .grid import Budget

GRID = 1001
"""Number of places on the curve between which `labels_for` interpolates."""


def never_falling(scores: Float[np.ndarray, "*n b"]) -> Float[np.ndarray, "*n b"]:
    """The nearest rows (least squares) that never fall, each by isotonic regression."""
    return np.apply_along_axis(lambda row: isotonic_regression(row).x, -1, scores)


class LearningCurve:
    """Scores that never fall over log(labels): isotonic regression, then monotone cubic interpolation (PCHIP).

    Args:
        labels: numbers of labels of two budgets or more, rising.
        scores: one for each budget, or rows of them; each row is a curve of its own.

    Raises:
        ValueError: there are fewer than two budgets, or they do not rise.
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
        """The score with so many labels; NaN outside the budgets that were run."""
        inside = self.labels[0] <= labels <= self.labels[-1]
        found = self._curve(math.log(labels))
        return found if inside else np.full_like(found, math.nan)

    def labels_for(self, scores: float | Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The fewest labels with which each curve reaches its score.

        Infinity if the largest budget does not reach the score; minus infinity if the smallest is already above it.
        """
        places = np.linspace(math.log(self.labels[0]), math.log(self.labels[-1]), GRID)
        heights = np.maximum.accumulate(self._curve(places), axis=-1)
        wanted = np.asarray(scores, float)[..., None]
        after = np.clip((heights < wanted).sum(-1, keepdims=True), 1, GRID - 1)
        below, above = (np.take_along_axis(heights, at, -1) for at in (after - 1, after))
        share = np.divide(wanted - below, above - below, out=np.zeros_like(below), where=above > below)
        share = np.clip(share, 0, 1)  # a score outside the curve gives no share, and its exponential would overflow
        found = np.exp(places[after - 1] + share * (places[after] - places[after - 1]))
        found = np.where(wanted < heights[..., :1], -math.inf, np.where(wanted > heights[..., -1:], math.inf, found))
        return found[..., 0]


class Baseline:
    """The cells of fine-tuning that make its learning curve: those of budgets and seeds that form a full grid.

    Args:
        results: of all cells.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        found: dict[Budget, dict[int, Result]] = {}
        for result in results:
            if result.cell.method == BASELINE and result.counts is not None:
                found.setdefault(result.cell.budget, {})[result.cell.seed] = result
        cells, shared = _with_seeds_in_common(found)
        means = {budget: float(np.mean([cell.labels for cell in cells[budget].values()])) for budget in cells}
        self.seeds = sorted(shared)
        self.cells = sorted(cells.items(), key=lambda item: means[item[0]])
        self.labels = [means[budget] for budget, _ in self.cells]

    @property
    def is_curve(self) -> bool:
        """Whether there are two budgets or more, with different numbers of labels and a common seed."""
        return len(set(self.labels)) == len(self.labels) > 1 and bool(self.seeds)

    def counts(self) -> np.ndarray:
        """The counts of all cells, of shape (budgets, seeds, items, 3)."""
        return np.stack([_counts([of_budget[seed] for seed in self.seeds]) for _, of_budget in self.cells])

    def with_method(self, method: Sequence[Result]) -> np.ndarray | None:
        """Counts of shape (budgets + 1, seeds, items, 3), with the method's at the end; None without a common seed."""
        mine = {result.cell.seed: result for result in method if result.counts is not None}
        seeds = [seed for seed in self.seeds if seed in mine]
        if not seeds:
            return None
        rows = [[of_budget[seed] for seed in seeds] for _, of_budget in self.cells]
        return np.stack([_counts(row) for row in [*rows, [mine[seed] for seed in seeds]]])


def _with_seeds_in_common(found: dict[Budget, dict[int, Result]]) -> tuple[dict[Budget, dict[int, Result]], set[int]]:
    """The budgets that share a seed, and the seeds that they share.

    Budgets with more seeds are taken first. A budget that shares no seed with those is left out.
    """
    kept: dict[Budget, dict[int, Result]] = {}
    shared: set[int] = set()
    for budget in sorted(found, key=lambda budget: -len(found[budget])):
        both = shared & found[budget].keys() if kept else set(found[budget])
        if both:
            kept[budget], shared = found[budget], both
    return kept, shared


def _counts(results: Sequence[Result]) -> np.ndarray:
    """The counts of the cells that have any, of shape (seeds, items, 3)."""
    return np.stack([result.counts for result in results if result.counts is not None])
