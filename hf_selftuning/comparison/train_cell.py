"""One cell: the recipe's data, split and model, trained as its row says, and scored once."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from ..config import SelfTuningConfig
from ..experiment.flags import BudgetArguments, Parser, say
from ..experiment.plan import SAME_TIME, row_of
from ..experiment.run import NO_DEV, Setup, describe, run_plan
from ..report.row import BASELINE
from .arguments import arguments_of
from .cells import Result, check_start, finished
from .grid import Budget, Cell
from .lease import Claim, Heartbeat
from .worker import CellFailedError


@dataclass(frozen=True)
class Recipe:
    """What a recipe brings to a comparison.

    Args:
        parts: dataclasses of its flags: model, data, budget, training.
        make_setup: makes data, split and model of a run from those filled.
        preset: of methods that name none.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        budgets: where none is asked for.
    """

    parts: tuple[type, ...]
    make_setup: Callable[..., Setup]
    preset: str
    metric: str
    unit_name: str
    budgets: tuple[Budget, ...]


@dataclass(frozen=True)
class Training:
    """Trains and scores the cells of one comparison.

    Args:
        root: its folder.
        cells: all of them.
        recipe: of the task.
        given: shared flags.
        rest: the same as words of a command line.
    """

    root: Path
    cells: Sequence[Cell]
    recipe: Recipe
    given: Mapping[str, Any]
    rest: Sequence[str]

    def parse(self, cell: Cell) -> tuple[Any, ...]:
        """The recipe's dataclasses, filled for a cell.

        Raises:
            ValueError: checkpoints would be chosen by labels that are not the budget's.
        """
        training = self.recipe.parts[-1]
        usual = next(field.default for field in fields(training) if field.name == "eval_steps")
        eval_steps = self.given.get("eval_steps", usual)
        words = arguments_of(cell, self.root, self.given, self.rest, save_steps=eval_steps)
        parts = Parser(*self.recipe.parts, description="").parse(words)
        config = next(part for part in parts if isinstance(part, SelfTuningConfig))
        budget = next(part for part in parts if isinstance(part, BudgetArguments))
        if config.load_best_model_at_end and not budget.validation_share:
            raise ValueError(
                "--load_best_model_at_end chooses by labels, and those of a dev part are not in the budget; hold some "
                "of the budget's out with --validation_share, for instance 0.2."
            )
        if config.safety_gate and not budget.validation_share:
            raise ValueError(
                "--safety_gate steers by labels, and those of a dev part are not in the budget; hold some of the "
                "budget's out with --validation_share, for instance 0.2."
            )
        return parts

    def __call__(self, cell: Cell, claim: Claim | None) -> Result:
        """Train a cell and score it.

        Args:
            cell: which.
            claim: wants signs of life; None on ranks that hold none.
        """
        start, plan = time.perf_counter(), row_of(cell.method, preset=self.recipe.preset)
        setup = self.recipe.make_setup(*self.parse(cell))
        check_start(self.root, finished(self.root, self.cells), describe(setup))
        if setup.dev is None and cell == self.cells[0]:
            say(f"\n{NO_DEV}")
        if cell.method == SAME_TIME:
            setup.config.max_steps = same_time_steps(finished(self.root, [c for c in self.cells if c.is_of(cell)]))
        needing = [method.title for method in plan.last.methods if method.needs_unlabeled]
        if needing and setup.unlabeled is None:
            raise CellFailedError(
                f"{', '.join(needing)} learns from unlabelled data, and with all labels none is left."
            )
        callbacks: list[TrainerCallback] = [] if claim is None else [Heartbeat(claim)]

        counts = {"labeled": len(setup.labeled), "unlabeled": len(setup.unlabeled or ())}
        outcome = run_plan(plan, setup, callbacks=callbacks, quiet=True, **counts)
        best = setup.config.metric_for_best_model if setup.config.load_best_model_at_end else None
        return Result(
            cell=cell,
            title=plan.title,
            family=plan.last.family,
            labels=len(setup.split.labeled),
            held_out=len(setup.split.labeled) - len(setup.labeled),
            row=replace(outcome.row, method=plan.name),
            history=outcome.history,
            seconds=time.perf_counter() - start,
            counts=outcome.test,
            context={**describe(setup), "selected_by": best},
        )


def same_time_steps(results: Sequence[Result]) -> int:
    """Steps of fine-tuning that take as long as the dearest method of the same labels and seed.

    Raises:
        CellFailedError: fine-tuning has not finished, or the steps of a method were too few to be timed.
    """
    rows = {result.cell.method: result.row for result in results if result.cell.method != SAME_TIME}
    if BASELINE not in rows:
        raise CellFailedError("fine-tuning's own cell has not finished, and its time a step is what is gone by.")
    untimed = [method for method, row in rows.items() if not math.isfinite(row.seconds_per_step)]
    if untimed:
        raise CellFailedError(
            f"{', '.join(untimed)} has no time a step to go by, since every step was followed by an evaluation or a "
            "save; give more steps, or larger --eval_steps and --save_steps."
        )
    dearest = max(row.steps * row.seconds_per_step for row in rows.values())
    return max(round(dearest / rows[BASELINE].seconds_per_step), rows[BASELINE].steps)
