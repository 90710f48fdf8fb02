"""The cells of a comparison: a method, a label budget and a seed each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..experiment.plan import SAME_TIME, slug
from ..report.row import BASELINE

FAMILIES = ("TL", "SSL", "combined", "ours")
"""Kinds of methods in the order of the paper's tables."""


@dataclass(frozen=True)
class Budget:
    """How many examples keep their labels.

    Args:
        flag: of the recipe: `label_ratio` or `labels_per_class`.
        value: what it is set to.
    """

    flag: str
    value: float

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.flag}_{self.value:g}"

    @property
    def title(self) -> str:
        """As tables say it."""
        return f"{100 * self.value:g} %" if self.flag == "label_ratio" else f"{self.value:g} a class"


@dataclass(frozen=True)
class Cell:
    """One training.

    Args:
        budget: of labels.
        method: as the command names it: `fine_tuning`, `co_tuning+fixmatch`, `self_tuning:preset=paper`.
        seed: of split and training.
    """

    budget: Budget
    method: str
    seed: int

    def folder(self, root: Path) -> Path:
        """Where it works, below the comparison's folder."""
        return root / "cells" / self.budget.name / slug(self.method) / f"seed_{self.seed}"

    @property
    def title(self) -> str:
        """For lines of a log."""
        return f"{self.method}, {self.budget.title}, seed {self.seed}"

    def is_of(self, other: "Cell") -> bool:
        """Whether both train on the same labels with the same seed."""
        return (self.budget, self.seed) == (other.budget, other.seed)


def grid(budgets: Sequence[Budget], methods: Sequence[str], seeds: Sequence[int], *, same_time: bool) -> list[Cell]:
    """All cells, seed by seed, so that a comparison that is stopped has whole rows.

    Args:
        budgets: of labels.
        methods: texts, each once.
        seeds: of splits and trainings.
        same_time: add fine-tuning for as long as the dearest method took, behind the cells it is measured by.

    Raises:
        ValueError: two rows would have one name, or fine-tuning is not there to be trained longer.
    """
    names = [slug(method) for method in methods]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"The row {', '.join(twice)} is there twice; name each method with its settings once.")
    if same_time and (BASELINE not in methods or len(methods) < 2):
        raise ValueError(
            f"Fine-tuning for the same time needs {BASELINE} and another method among --methods; add them, or give "
            "--same_time False."
        )
    rows = [*methods, *([SAME_TIME] if same_time else [])]
    return [Cell(budget, method, seed) for seed in seeds for budget in budgets for method in rows]
