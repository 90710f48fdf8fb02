"""The comparison: every row trains from the same start, on the same split, for the same steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from transformers import PrinterCallback, TrainerCallback, set_seed

from ..data.splits import Split
from ..metrics import Counts, score_of
from ..monitoring.log_history import History
from ..report.card_facts import About
from ..report.row import Row
from ..training.pushing import claim_repository
from ..training.trainer import SelfTuningTrainer
from .flags import say, settings_table
from .forecast import expected
from .outputs import finish_run
from .plan import Plan
from .run_folder import train
from .stages import StageSetup, config_of, run_stages
from .step_clock import StepClock

NO_DEV = (
    "There is no dev part, so nothing will tell whether unlabelled data helps or hurts; --validation_share 0.2 holds "
    "a fifth of the labelled examples out and follows scores and pseudo-labels on them."
)


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


class Setup(StageSetup, Protocol):
    """What a recipe brings to the comparison: data, split and model of one run."""

    folder: Path
    split: Split
    data: Any
    dataset_id: str | None
    published: dict[str, str]
    model_name: str
    base_model: str | None
    labeled: Any
    unlabeled: Any
    dev: Any

    def counts(self, trainer: SelfTuningTrainer) -> dict[str, Counts | None]:
        """`{"dev": ..., "test": ...}`, counts of each item under the trained model."""


def run_plan(
    plan: Plan,
    setup: Setup,
    *,
    labeled: int,
    unlabeled: int,
    callbacks: Sequence[TrainerCallback] = (),
    quiet: bool = False,
) -> Outcome:
    """Train one row, all its stages, and score it.

    Args:
        plan: what trains.
        setup: builds model and trainer from the same start for every plan; the row works in a folder of its own.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones.
        callbacks: more of them for the trainer.
        quiet: without the lines of the log.
    """
    folder = setup.folder / "rows" / plan.name
    start = run_stages(plan, setup.folder / "stages" / plan.name, setup)
    set_seed(setup.config.seed)
    trainer = setup.make_trainer(plan.last, config_of(plan.last, setup.config, folder), start)
    trainer.held_out.always = True  # fine-tuning, too, gets the figures that the tables show
    clock = StepClock()
    for callback in (clock, *callbacks):
        trainer.add_callback(callback)
    if quiet:
        trainer.remove_callback(PrinterCallback)
    train(trainer)
    clock.read(trainer.state)  # of a row that had finished, no step was taken
    counts = setup.counts(trainer)
    scores = {name: None if part is None else float(score_of(part)) for name, part in counts.items()}
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
    return Outcome(row, trainer.state.log_history, trainer, counts.get("test"))


def compare(setup: Setup, plans: Sequence[Plan], *, metric: str, unit_name: str, more: dict[str, Any]) -> None:
    """Say what will happen, train and score all rows in turn, keep the last one's model, write the report.

    Args:
        setup: the recipe's.
        plans: the rows; the last one's model is kept, and pushed if asked.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
        more: what the recipe adds to the description of the run.
    """
    counts: dict[str, Any] = {"labeled": len(setup.labeled), "unlabeled": len(setup.unlabeled or ())}
    context = {**describe(setup), **more}
    titles = ", ".join(plan.title for plan in plans)
    parts = {"dev": setup.dev, "test": setup.data.test}
    scored = ", ".join(name for name, part in parts.items() if part is not None) or "nothing: no dev or test data"
    ahead = {"methods": titles, **expected(setup.config, plans, **counts), "scored on": scored}
    say(settings_table({**context, "labels kept": labels_kept(setup.split), **counts, **ahead}))
    if setup.dev is None and any(plan.last.methods for plan in plans):
        say(f"\n{NO_DEV}")
    pushed = setup.config.push_to_hub
    if pushed:
        setup.config.hub_model_id = claim_repository(setup.config, setup.folder.name)
    outcomes = []
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        setup.config.push_to_hub = pushed and number == len(plans)
        outcomes.append(run_plan(plan, setup, **counts))
    about = About(
        data=setup.data.name,
        dataset_id=setup.dataset_id,
        budget=setup.split.budget,
        split_hash=setup.split.hash,
        metric=metric,
        unit_name=unit_name,
        splits=setup.published,
        rows=[outcome.row for outcome in outcomes],
    )
    histories = {plan.title: outcome.history for plan, outcome in zip(plans, outcomes, strict=True)}
    last = outcomes[-1].trainer
    finish_run(setup.folder, histories, last, about=about, base_model=setup.base_model, context=context)


def labels_kept(split: Split) -> str:
    """How many of the training set's labels are not hidden, and by which budget."""
    kept, whole = len(split.labeled), len(split.labeled) + len(split.unlabeled)
    return f"all {whole:,}" if kept == whole else f"{kept:,} of {whole:,} ({split.budget})"


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
