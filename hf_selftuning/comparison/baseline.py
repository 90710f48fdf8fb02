"""Fine-tuning at every budget: what learning curves are made of."""

from collections.abc import Sequence

import numpy as np

from ..report.row import BASELINE
from .cells import Result
from .grid import Budget


class Baseline:
    """Fine-tuning's cells at the budgets that have a seed in common, of the seeds that all of them have.

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


def _with_seeds_in_common(found: dict[Budget, dict[int, Result]]) -> tuple[dict[Budget, dict[int, Result]], set[int]]:
    """The budgets, those with most seeds first, less any that would leave no seed in common; and these seeds."""
    kept: dict[Budget, dict[int, Result]] = {}
    shared: set[int] = set()
    for budget in sorted(found, key=lambda budget: -len(found[budget])):
        both = shared & found[budget].keys() if kept else set(found[budget])
        if both:
            kept[budget], shared = found[budget], both
    return kept, shared


def _counts(results: Sequence[Result]) -> np.ndarray:
    """Of cells that have them, shape (seeds, items, 3)."""
    return np.stack([result.counts for result in results if result.counts is not None])
