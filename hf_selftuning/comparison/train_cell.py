"""One cell: prepare the task's data, split and model, train as the row of the cell says, and score once."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..config import SelfTuningConfig
from ..experiment.command.flag_use import refuse_idle_flags
from ..experiment.command.flags import BudgetArguments, FlagParser
from ..experiment.command.terminal import say
from ..experiment.running.announcement import NO_DEV
from ..experiment.running.run import train_row
from ..experiment.setup.run_setup import Setup, describe
from ..experiment.stages.plan import SAME_TIME, Plan, row_of
from ..report.row import BASELINE
from .arguments import arguments_of
from .cells import Result, check_start, finished
from .grid import Cell
from .lease import Claim
from .worker import CellFailedError


class ClaimCheck(TrainerCallback):
    """Stops the training of a cell that another process has taken over."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Check the claim."""
        self.claim.check()


@dataclass(frozen=True)
class Grid:
    """The cells of one comparison; called with a cell, it trains and scores that cell.

    Args:
        root: folder of the comparison.
        cells: all of them.
        task: name of the task.
        setup: the setup class of the task.
        given: flags that all cells share, by name.
        rest: the same flags as words of a command line.
        others: cells of other programs; they are shown and never trained.
    """

    root: Path
    cells: Sequence[Cell]
    task: str
    setup: type[Setup]
    given: Mapping[str, Any]
    rest: Sequence[str]
    others: Sequence[Cell] = ()

    @property
    def shown(self) -> list[Cell]:
        """The cells of the tables and figures."""
        return [*self.cells, *self.others]

    def parse(self, cell: Cell) -> tuple[Any, ...]:
        """The dataclasses of the task's flags, filled for a cell.

        Raises:
            ValueError: a flag that the user gave has no effect, or labels that are not in the budget would choose
                checkpoints or steer the training.
        """
        defaults = {field.name: field.default for field in fields(self.setup.flags[-1])}
        usual = {"save_steps": self.given.get("eval_steps", defaults["eval_steps"])}
        if "recipe" in defaults:  # the cells of a table share one recipe, and it should not depend on a measurement
            usual["recipe"] = "standard"
        words = arguments_of(cell, self.root, self.given, self.rest, usual)
        parts = FlagParser(*self.setup.flags, description="").parse(words, strict=False)
        config = next(part for part in parts if isinstance(part, SelfTuningConfig))
        budget = next(part for part in parts if isinstance(part, BudgetArguments))
        refuse_idle_flags(parts, {name: [str(value)] for name, value in self.given.items()})
        _check_labels(config, budget)
        return parts

    def __call__(self, cell: Cell, claim: Claim | None) -> Result:
        """Train a cell and score it.

        Args:
            cell: the cell to train.
            claim: checked after every step; None on all ranks but the first.

        Raises:
            CellFailedError: the cell cannot be trained.
            ClaimLostError: another process has taken the cell over.
        """
        start = time.perf_counter()
        setup = self.setup.from_flags(*self.parse(cell))
        plan = row_of(cell.method, setup.usual)
        check_start(self.root, finished(self.root, self.cells), describe(setup))
        if setup.parts.dev is None and cell == self.cells[0]:
            say(f"\n{NO_DEV}")
        if cell.method == SAME_TIME:
            setup.config.max_steps = same_time_steps(finished(self.root, [c for c in self.cells if c.is_of(cell)]))
        _check_unlabeled(plan, setup)
        callbacks: list[TrainerCallback] = [] if claim is None else [ClaimCheck(claim)]
        outcome = train_row(setup, plan, callbacks=callbacks, quiet=True)
        best = setup.config.metric_for_best_model if setup.config.load_best_model_at_end else None
        labels = len(setup.parts.split.labeled)
        return Result(
            cell=cell,
            title=plan.title,
            family=plan.last.family,
            labels=labels,
            held_out=labels - len(setup.parts.labeled),
            row=replace(outcome.row, method=plan.name),
            history=outcome.history,
            seconds=time.perf_counter() - start,
            counts=outcome.test,
            context={**describe(setup), "selected_by": best},
            decodings=outcome.parts["test"].decodings if "test" in outcome.parts else {},
        )


def _check_labels(config: SelfTuningConfig, budget: BudgetArguments) -> None:
    """Refuse flags that use the labels of a dev part, because no budget counts them."""
    uses = {"load_best_model_at_end": "chooses by labels", "safety_gate": "steers by labels"}
    for flag, use in uses.items():
        if getattr(config, flag) and not budget.validation_share:
            raise ValueError(
                f"--{flag} {use}, and the labels of a dev part are not in the budget; hold out some of the budget's "
                "labels with --validation_share, for instance 0.2."
            )


def _check_unlabeled(plan: Plan, setup: Setup) -> None:
    needing = [method.title for method in plan.last.methods if method.needs_unlabeled]
    if needing and setup.parts.unlabeled is None:
        raise CellFailedError(f"{', '.join(needing)} learns from unlabelled data, and with all labels none is left.")


def same_time_steps(results: Sequence[Result]) -> int:
    """Number of fine-tuning steps that take as long as the most expensive method with the same labels and seed.

    Raises:
        CellFailedError: fine-tuning has not finished, or the steps of a method were too few to be timed.
    """
    rows = {result.cell.method: result.row for result in results if result.cell.method != SAME_TIME}
    if BASELINE not in rows:
        raise CellFailedError("fine-tuning's own cell has not finished, and its time a step is needed.")
    untimed = [method for method, row in rows.items() if not math.isfinite(row.seconds_per_step)]
    if untimed:
        raise CellFailedError(
            f"{', '.join(untimed)} has no measured time a step, because an evaluation or a save followed every step; "
            "give more steps, or larger --eval_steps and --save_steps."
        )
    longest, baseline = max(row.seconds for row in rows.values()), rows[BASELINE]
    return max(round((longest - baseline.seconds_before) / baseline.seconds_per_step), baseline.steps)
