"""Curves over optimizer steps of all cells of a budget."""

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
"""The quantities that are drawn over steps, each with the name of its axis."""

Curves = dict[str, dict[str, tuple[Int[np.ndarray, "t"], Float[np.ndarray, "s t"]]]]


def over_steps(results: Sequence[Result], budget: Budget, metric: str) -> Curves:
    """For each quantity and method: steps (t,) and values (seeds, t). A step without a value of a seed has NaN.

    Args:
        results: of all cells.
        budget: only its cells are read.
        metric: name of the score in the history.
    """
    found: dict[str, dict[str, list[Points]]] = {name: {} for name in QUANTITIES}
    for result in results:
        if result.cell.budget != budget:
            continue
        history, method = {"": result.history}, result.cell.method  # one run, which needs no name here
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
