"""The comparison: every row trains from the same start, on the same split, for the same steps."""

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments, set_seed

from ..histories import History
from ..tables import Row
from ..trainer import SelfTuningTrainer
from .arguments import say
from .folder import train
from .plan import Plan


class StepClock(TrainerCallback):
    """Mean time from one optimizer step's end to the next; evaluations, saves and the first step do not count."""

    def __init__(self) -> None:
        self.seconds, self.steps = 0.0, 0
        self._last: float | None = None

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count the step, if the one before was followed by nothing else."""
        now = time.perf_counter()
        if self._last is not None:
            self.seconds, self.steps = self.seconds + now - self._last, self.steps + 1
        self._last = now

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Do not count the step after."""
        self._last = None

    on_save = on_evaluate

    @property
    def mean(self) -> float:
        """Seconds a step; not a number where every step was followed by something else."""
        return self.seconds / self.steps if self.steps else math.nan


@dataclass(frozen=True)
class Outcome:
    """What a row's training gave.

    Args:
        row: for the tables.
        history: `state.log_history`, for the curves.
        trainer: with the trained model.
    """

    row: Row
    history: History
    trainer: SelfTuningTrainer


MakeTrainer = Callable[[Plan, str], SelfTuningTrainer]
Score = Callable[[SelfTuningTrainer], dict[str, float | None]]


def run_plan(
    plan: Plan, folder: Path, make_trainer: MakeTrainer, score: Score, *, labeled: int, unlabeled: int
) -> Outcome:
    """Train one row and score it.

    Args:
        plan: what trains.
        folder: the run's; the row works in a folder of its own below it.
        make_trainer: builds model and trainer from the same start for every plan.
        score: `{"dev": ..., "test": ...}` of the trained model.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones.
    """
    trainer = make_trainer(plan, str(folder / "rows" / plan.name))
    clock = StepClock()
    trainer.add_callback(clock)
    train(trainer)
    scores = score(trainer)
    row = Row(
        method=plan.name,
        preset=plan.preset,
        labeled=labeled,
        unlabeled=unlabeled if trainer.views.unlabeled else 0,
        dev=scores.get("dev"),
        test=scores.get("test"),
        steps=trainer.state.global_step,
        seconds_per_step=clock.mean,
        seed=trainer.args.seed,
        settings={method.title: method.settings() for method in plan.methods},
    )
    return Outcome(row, trainer.state.log_history, trainer)


def run_plans(
    plans: Sequence[Plan],
    folder: Path,
    make_trainer: MakeTrainer,
    score: Score,
    *,
    seed: int,
    labeled: int,
    unlabeled: int,
) -> tuple[list[Row], dict[str, History], SelfTuningTrainer]:
    """Train and score all rows in turn; the last one's trainer comes back."""
    rows, histories = [], {}
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        set_seed(seed)
        outcome = run_plan(plan, folder, make_trainer, score, labeled=labeled, unlabeled=unlabeled)
        rows.append(outcome.row)
        histories[plan.title] = outcome.history
        trainer = outcome.trainer
        gc.collect()
    return rows, histories, trainer
