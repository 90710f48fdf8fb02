"""The comparison: every row trains from the same start, on the same split, for the same steps."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments, set_seed

from ..config import SelfTuningConfig
from ..counts import Counts, score_of
from ..histories import History
from ..splits import Split
from ..tables import Row
from ..trainer import SelfTuningTrainer
from .arguments import say, settings_table
from .finish import finish_run
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
        test: counts of each test item, where there is a test part.
    """

    row: Row
    history: History
    trainer: SelfTuningTrainer
    test: Counts | None


MakeTrainer = Callable[[Plan, str], SelfTuningTrainer]
CountItems = Callable[[SelfTuningTrainer], dict[str, Counts | None]]


def run_plan(
    plan: Plan,
    folder: Path,
    make_trainer: MakeTrainer,
    count: CountItems,
    *,
    labeled: int,
    unlabeled: int,
    callbacks: Sequence[TrainerCallback] = (),
) -> Outcome:
    """Train one row and score it.

    Args:
        plan: what trains.
        folder: the run's; the row works in a folder of its own below it.
        make_trainer: builds model and trainer from the same start for every plan.
        count: `{"dev": ..., "test": ...}`, counts of each item under the trained model.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones.
        callbacks: more of them for the trainer.
    """
    trainer = make_trainer(plan, str(folder / "rows" / plan.name))
    clock = StepClock()
    for callback in (clock, *callbacks):
        trainer.add_callback(callback)
    train(trainer)
    counts = count(trainer)
    scores = {name: None if part is None else float(score_of(part)) for name, part in counts.items()}
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
    return Outcome(row, trainer.state.log_history, trainer, counts.get("test"))


class Setup(Protocol):
    """What a recipe brings to the comparison: data, split and model of one run."""

    config: SelfTuningConfig
    folder: Path
    split: Split
    data: Any
    model_name: str
    labeled: Any
    unlabeled: Any
    dev: Any

    def make_trainer(self, plan: Plan, output_dir: str) -> SelfTuningTrainer:
        """Model and trainer of one row, from the same start for every plan."""

    def counts(self, trainer: SelfTuningTrainer) -> dict[str, Counts | None]:
        """`{"dev": ..., "test": ...}`, counts of each item under the trained model."""


def compare(setup: Setup, plans: Sequence[Plan], *, metric: str, unit_name: str, more: dict[str, Any]) -> None:
    """Say what will happen, train and score all rows in turn, keep the last one's model, write the report.

    Args:
        setup: the recipe's.
        plans: the rows.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        more: what the recipe adds to the description of the run.
    """
    counts: dict[str, Any] = {"labeled": len(setup.labeled), "unlabeled": len(setup.unlabeled or ())}
    context = {**describe(setup), **more}
    titles = ", ".join(plan.title for plan in plans)
    say(settings_table({**context, **counts, "steps": setup.config.max_steps, "rows": titles}))
    outcomes = []
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        set_seed(setup.config.seed)
        outcomes.append(run_plan(plan, setup.folder, setup.make_trainer, setup.counts, **counts))
    finish_run(
        setup.folder,
        [outcome.row for outcome in outcomes],
        {plan.title: outcome.history for plan, outcome in zip(plans, outcomes, strict=True)},
        outcomes[-1].trainer,
        metric=metric,
        unit_name=unit_name,
        context=context,
    )


def describe(setup: Setup) -> dict[str, Any]:
    """Data, model and split of a run, for its report."""
    return {
        "data": setup.data.name,
        "model": setup.model_name,
        "split_hash": setup.split.hash,
        "split_seed": setup.split.seed,
        "label_ratio": setup.split.label_ratio,
        "labels_per_class": setup.split.labels_per_class,
        "held_out": len(setup.split.labeled) - len(setup.labeled),
        "learning_rate": setup.config.learning_rate,
        "batch_size": setup.config.train_batch_size,
    }
