"""The cells of a comparison: each is one method, one budget of labels and one seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..data.rows.plain_text import named_twice
from ..experiment.stages.plan import SAME_TIME, slug
from ..report.row import BASELINE

FAMILIES = ("TL", "SSL", "combined", "ours")
"""Kinds of methods in the order of the paper's tables."""


@dataclass(frozen=True)
class Budget:
    """How many examples keep their labels.

    Args:
        flag: `label_ratio` or `labels_per_class`.
        value: of the flag.
    """

    flag: str
    value: float

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.flag}_{self.value:g}"

    @property
    def title(self) -> str:
        """Its name in tables."""
        return f"{100 * self.value:g} %" if self.flag == "label_ratio" else f"{self.value:g} a class"


@dataclass(frozen=True)
class Cell:
    """One training.

    Args:
        budget: of labels.
        method: as on the command line: `fine_tuning`, `co_tuning+fixmatch`, `self_tuning:preset=paper`.
        seed: of split and training.
    """

    budget: Budget
    method: str
    seed: int

    def folder(self, root: Path) -> Path:
        """Its folder, inside the comparison's."""
        return root / "cells" / self.budget.name / slug(self.method) / f"seed_{self.seed}"

    @property
    def title(self) -> str:
        """Its name in the log."""
        return f"{self.method}, {self.budget.title}, seed {self.seed}"

    def is_of(self, other: "Cell") -> bool:
        """Whether both cells train on the same labels with the same seed."""
        return (self.budget, self.seed) == (other.budget, other.seed)


def grid(budgets: Sequence[Budget], methods: Sequence[str], seeds: Sequence[int], *, same_time: bool) -> list[Cell]:
    """All cells, seed by seed, so that a comparison that is stopped early has results of all methods.

    Args:
        budgets: of labels.
        methods: texts of the command line, each once.
        seeds: of splits and trainings.
        same_time: also fine-tune for as long as the most expensive method takes; that cell comes after the methods.

    Raises:
        ValueError: two rows have one name, a seed or a budget is there twice, or `same_time` lacks fine-tuning or a
            method to compare it with.
    """
    twice = named_twice([slug(method) for method in methods])
    if twice:
        raise ValueError(f"The row {', '.join(twice)} is there twice; name each method with its settings once.")
    twice = named_twice([budget.title for budget in budgets]) + named_twice([f"seed {seed}" for seed in seeds])
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice, and would count as two trainings; give each once.")
    if same_time and (BASELINE not in methods or len(methods) < 2):
        raise ValueError(
            f"Fine-tuning for the same time needs {BASELINE} and another method among --methods; add them, or give "
            "--same_time False."
        )
    rows = [*methods, *([SAME_TIME] if same_time else [])]
    return [Cell(budget, method, seed) for seed in seeds for budget in budgets for method in rows]
