"""Made results of cells: counts drawn with a chosen chance of being right."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.metrics import class_counts, score_of
from hf_selftuning.report.row import Row

ITEMS = 400
FAMILIES = {"fine_tuning": "TL", "fine_tuning_same_time": "TL", "fixmatch": "SSL", "self_tuning": "ours"}


def result(method: str, labels: int, seed: int, chance: float, **changes: Any) -> Result:
    """A finished cell with `labels` a class, whose test items are right with `chance`; items are as hard for all."""
    hardness = np.random.default_rng(7).random(ITEMS)
    noise = 0.05 * np.random.default_rng([labels, seed]).standard_normal(ITEMS)
    counts = class_counts((hardness + noise < chance).astype(int), np.ones(ITEMS, int))
    row = Row(method, "", labels, 900, 0.5, float(score_of(counts)), 100, 0.25, seed, {})
    history = [{"step": step, "eval_accuracy": chance * step / 100} for step in (50, 100)]
    if FAMILIES[method] != "TL":
        history += [{"step": step, "pseudo_label_accuracy": 0.3 + step / 200} for step in (50, 100)]
    values = {
        "cell": Cell(Budget("labels_per_class", labels), method, seed),
        "title": method.replace("_", " ").title(),
        "family": FAMILIES[method],
        "labels": labels,
        "held_out": 0,
        "row": row,
        "history": history,
        "seconds": 10.0,
        "counts": counts,
        "context": {"data": "made"},
    }  # fmt: skip
    return Result(**{**values, **changes})


def results(chances: dict[str, dict[int, float]], seeds: Sequence[int] = (0, 1, 2)) -> list[Result]:
    """Cells of every seed, for `{method: {labels: chance}}`."""
    return [
        result(method, labels, seed, chance)
        for method, budgets in chances.items()
        for labels, chance in budgets.items()
        for seed in seeds
    ]


USUAL = {
    "fine_tuning": {10: 0.4, 40: 0.6, 160: 0.8},
    "fixmatch": {10: 0.405, 40: 0.55, 160: 0.8},
    "self_tuning": {10: 0.6, 40: 0.7, 160: 0.9},
}
