"""The comparison: every row trains from the same start, on the same split, for the same steps."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments, set_seed

from ..histories import History
from ..splits import Split
from ..tables import Row
from ..trainer import SelfTuningTrainer
from .arguments import say, settings_table
from .finish import finish_run
from .folder import train
from .plan import Plan
from .stages import StageSetup, config_of, run_stages


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


class Setup(StageSetup, Protocol):
    """What a recipe brings to the comparison: data, split and model of one run."""

    folder: Path
    split: Split
    data: Any
    model_name: str
    labeled: Any
    unlabeled: Any

    def score(self, trainer: SelfTuningTrainer) -> dict[str, float | None]:
        """`{"dev": ..., "test": ...}` of the trained model."""


def run_plan(plan: Plan, setup: Setup, *, labeled: int, unlabeled: int) -> Outcome:
    """Train one row, all its stages, and score it.

    Args:
        plan: what trains.
        setup: builds model and trainer from the same start for every plan; the row works in a folder of its own.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones.
    """
    folder = setup.folder / "rows" / plan.name
    start = run_stages(plan, folder, setup)
    set_seed(setup.config.seed)
    trainer = setup.make_trainer(plan.last, config_of(plan.last, setup.config, folder), start)
    clock = StepClock()
    trainer.add_callback(clock)
    train(trainer)
    scores = setup.score(trainer)
    row = Row(
        method=plan.name,
        preset=plan.preset,
        labeled=labeled,
        unlabeled=unlabeled if trainer.views.unlabeled or len(plan.stages) > 1 else 0,
        dev=scores.get("dev"),
        test=scores.get("test"),
        steps=start.steps + trainer.state.global_step,
        seconds_per_step=clock.mean,
        seed=trainer.args.seed,
        settings=plan.settings,
    )
    return Outcome(row, trainer.state.log_history, trainer)


def compare(setup: Setup, plans: Sequence[Plan], *, metric: str, unit_name: str, more: dict[str, Any]) -> None:
    """Say what will happen, train and score all rows in turn, keep the last one's model, write the report.

    Args:
        setup: the recipe's.
        plans: the rows.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        more: what the recipe adds to the description of the run.
    """
    counts = {"labeled": len(setup.labeled), "unlabeled": len(setup.unlabeled or ())}
    context = {**_description(setup), **more}
    titles = ", ".join(plan.title for plan in plans)
    say(settings_table({**context, **counts, "steps": setup.config.max_steps, "rows": titles}))
    outcomes = []
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        outcomes.append(run_plan(plan, setup, **counts))
    finish_run(
        setup.folder,
        [outcome.row for outcome in outcomes],
        {plan.title: outcome.history for plan, outcome in zip(plans, outcomes, strict=True)},
        outcomes[-1].trainer,
        metric=metric,
        unit_name=unit_name,
        context=context,
    )


def _description(setup: Setup) -> dict[str, Any]:
    return {
        "data": setup.data.name,
        "model": setup.model_name,
        "split_hash": setup.split.hash,
        "split_seed": setup.split.seed,
        "label_ratio": setup.split.label_ratio,
        "labels_per_class": setup.split.labels_per_class,
        "learning_rate": setup.config.learning_rate,
        "batch_size": setup.config.train_batch_size,
    }
