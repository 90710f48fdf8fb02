"""Fine-tuning at every budget: what learning curves are made of."""

from collections.abc import Sequence

import numpy as np

from ..tables import BASELINE
from .cells import Result
from .grid import Budget


class Baseline:
    """Fine-tuning's cells at every budget, of the seeds that all budgets have.

    Args:
        results: of all cells.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        cells: dict[Budget, dict[int, Result]] = {}
        for result in results:
            if result.cell.method == BASELINE and result.counts is not None:
                cells.setdefault(result.cell.budget, {})[result.cell.seed] = result
        shared = set.intersection(*(set(of_budget) for of_budget in cells.values())) if cells else set()
        means = {budget: float(np.mean([cell.labels for cell in cells[budget].values()])) for budget in cells}
        self.seeds = sorted(shared)
        self.cells = sorted(cells.items(), key=lambda item: means[item[0]])
        self.labels = [means[budget] for budget, _ in self.cells]

    @property
    def is_curve(self) -> bool:
        """Whether there are two budgets or more, with different numbers of labels and a seed in common."""
        return len(set(self.labels)) == len(self.labels) > 1 and bool(self.seeds)

    def counts(self) -> np.ndarray:
        """Of shape (budgets, seeds, items, 3)."""
        return np.stack([_counts([of_budget[seed] for seed in self.seeds]) for _, of_budget in self.cells])

    def with_method(self, method: Sequence[Result]) -> np.ndarray | None:
        """Counts of shape (budgets + 1, seeds, items, 3), the method last; None without a seed in common."""
        mine = {result.cell.seed: result for result in method if result.counts is not None}
        seeds = [seed for seed in self.seeds if seed in mine]
        if not seeds:
            return None
        rows = [[of_budget[seed] for seed in seeds] for _, of_budget in self.cells]
        return np.stack([_counts(row) for row in [*rows, [mine[seed] for seed in seeds]]])


def _counts(results: Sequence[Result]) -> np.ndarray:
    """Of cells that have them, shape (seeds, items, 3)."""
    return np.stack([result.counts for result in results if result.counts is not None])
