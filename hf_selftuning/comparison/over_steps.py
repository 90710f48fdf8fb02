"""Curves over steps of the cells of a budget, a row a seed."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from ..monitoring.log_history import Points, pseudo_labels, scores
from .cells import Result
from .grid import Budget

QUANTITIES = {
    "score": "dev {} (%)",
    "accuracy": "right pseudo-labels (%)",
    "accuracy on entities": "right pseudo-labels, entities (%)",
}
"""What is followed over steps, and the axis's name."""

Curves = dict[str, dict[str, tuple[Int[np.ndarray, "t"], Float[np.ndarray, "s t"]]]]


def over_steps(results: Sequence[Result], budget: Budget, metric: str) -> Curves:
    """Of each quantity and method: steps, and a row of values a seed; not a number where a seed logged none.

    Args:
        results: cells of all budgets.
        budget: whose cells are read.
        metric: the score, as the history names it.
    """
    found: dict[str, dict[str, list[Points]]] = {name: {} for name in QUANTITIES}
    for result in results:
        if result.cell.budget != budget:
            continue
        history, method = {"": result.history}, result.cell.method
        read = {"score": scores(history, metric), **pseudo_labels(history)}
        for name in QUANTITIES:
            if points := read.get(name, {}).get(""):
                found[name].setdefault(method, []).append(points)
    return {
        name: {method: _aligned(runs) for method, runs in methods.items()}
        for name, methods in found.items()
        if methods
    }


def _aligned(runs: Sequence[Points]) -> tuple[np.ndarray, np.ndarray]:
    steps = sorted({step for column, _ in runs for step in column})
    values = np.full((len(runs), len(steps)), np.nan)
    for row, (column, points) in zip(values, runs, strict=True):
        row[np.searchsorted(steps, column)] = points
    return np.array(steps), values
