"""One run: every row of the table trains from the same start, on the same split, and is scored once."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PrinterCallback, TrainerCallback, set_seed

from ..metrics import Counts, score_of
from ..monitoring.log_history import History
from ..report.row import Row
from ..training.pushing import claim_repository
from ..training.trainer import SelfTuningTrainer
from .plan import Plan
from .resume import train_or_resume
from .run_setup import Setup, sizes
from .stages import config_of, run_stages
from .step_clock import StepClock
from .terminal import say


@dataclass(frozen=True)
class Outcome:
    """The result of training one row.

    Args:
        plan: what was trained.
        row: the table's row, with scores and cost.
        history: `state.log_history`, for the curves.
        trainer: with the trained model.
        test: counts of each test item; None without a test part.
    """

    plan: Plan
    row: Row
    history: History
    trainer: SelfTuningTrainer
    test: Counts | None


def train_rows(setup: Setup, plans: Sequence[Plan]) -> list[Outcome]:
    """Train and score all rows in turn, each from the same start. Only the last row's model is pushed, if asked.

    Args:
        setup: the run's setup.
        plans: the rows.

    Raises:
        OSError: the model is to be pushed to a repository that cannot be written.
    """
    pushed = setup.config.push_to_hub
    if pushed:
        setup.config.hub_model_id = claim_repository(setup.config, setup.folder.name)
    outcomes = []
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        setup.config.push_to_hub = pushed and number == len(plans)
        outcomes.append(train_row(setup, plan))
    return outcomes


def train_row(setup: Setup, plan: Plan, *, callbacks: Sequence[TrainerCallback] = (), quiet: bool = False) -> Outcome:
    """Train all stages of one row in the row's own folder, and score the model of the last stage.

    Args:
        setup: builds model and trainer.
        plan: the row.
        callbacks: further callbacks of the trainer.
        quiet: print no log lines.
    """
    start = run_stages(plan, setup.folder / "stages" / plan.name, setup)
    set_seed(setup.config.seed)
    config = config_of(plan.last, setup.config, setup.folder / "rows" / plan.name)
    trainer = setup.make_trainer(plan.last, config, start)
    trainer.held_out.always = True  # fine-tuning has no methods, and the tables show the same figures for it
    clock = StepClock()
    for callback in (clock, *callbacks):
        trainer.add_callback(callback)
    if quiet:
        trainer.remove_callback(PrinterCallback)
    train_or_resume(trainer)
    clock.read(trainer.state)  # a row that was finished takes no step here: its times come from the checkpoint
    scored = setup.parts.scored.items()
    counts = {name: None if part is None else setup.count(trainer, part) for name, part in scored}
    row = _row(setup, plan, trainer, counts, steps=start.steps + trainer.state.global_step, seconds=clock.mean)
    return Outcome(plan, row, trainer.state.log_history, trainer, counts.get("test"))


def _row(
    setup: Setup,
    plan: Plan,
    trainer: SelfTuningTrainer,
    counts: dict[str, Counts | None],
    *,
    steps: int,
    seconds: float,
) -> Row:
    scores = {name: None if part is None else float(score_of(part)) for name, part in counts.items()}
    examples = sizes(setup)
    reads_unlabeled = bool(trainer.views.unlabeled) or len(plan.stages) > 1
    return Row(
        method=plan.name,
        preset=plan.preset,
        labeled=examples["labeled"],
        unlabeled=examples["unlabeled"] if reads_unlabeled else 0,
        dev=scores.get("dev"),
        test=scores.get("test"),
        steps=steps,
        seconds_per_step=seconds,
        seed=trainer.args.seed,
        settings=plan.settings,
    )
