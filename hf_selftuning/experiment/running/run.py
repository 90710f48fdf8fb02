"""One run: every row of the table trains from the same start, on the same split, and is scored once."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from transformers import PrinterCallback, TrainerCallback, set_seed

from ...report.row import Row
from ...training.pushing import claim_repository
from ...training.trainer import SelfTuningTrainer
from ..command.command_end import sentence_of
from ..command.terminal import say
from ..setup.run_record import RunRecord, write_record
from ..setup.run_setup import Setup, sizes
from ..stages.outcome import Outcome
from ..stages.plan import Plan
from ..stages.resume import train_or_resume
from ..stages.stage_training import Start, config_of, run_stages, seconds_before
from ..stages.step_clock import StepClock
from .outputs import keep_rows, set_aside
from .row_scores import require_own_head, score_row


def train_rows(setup: Setup, plans: Sequence[Plan]) -> list[Outcome]:
    """Train and score all rows in turn, each from the same start. Only the last row's model is pushed, if asked.

    The model of a row, its card and all results so far are written before the row is scored. A score that fails is
    printed, and the other rows still train.

    Args:
        setup: the run's setup.
        plans: the rows.

    Raises:
        OSError: the model is to be pushed to a repository that cannot be written.
        IncompleteRunError: a score failed on one of several ranks, or the training stopped; the message names what is
            kept.
    """
    pushed = setup.config.push_to_hub
    if pushed:
        setup.config.hub_model_id = claim_repository(setup.config, setup.folder.name)
    if not setup.config.trains:
        return [score_given(setup, plan) for plan in plans]
    write_record(setup)
    outcomes: list[Outcome] = []
    for number, plan in enumerate(plans, 1):
        say(f"\n[{number}/{len(plans)}] {plan.title}")
        setup.config.push_to_hub = pushed and number == len(plans)
        outcome = train_row(setup, plan, keep=lambda trained: keep_rows(setup, [*outcomes, trained]))
        if outcome.failed and plan is not plans[-1]:
            set_aside(setup, outcome)
        outcomes.append(outcome)
    return outcomes


def train_row(
    setup: Setup,
    plan: Plan,
    *,
    callbacks: Sequence[TrainerCallback] = (),
    quiet: bool = False,
    keep: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Train all stages of one row in the row's own folder, and score the model of the last stage.

    Args:
        setup: builds model and trainer.
        plan: the row.
        callbacks: further callbacks of the trainer.
        quiet: print no log lines.
        keep: called with the trained row before it is scored. A score that fails is then a part of the outcome;
            without it, it is raised.
    """
    start = run_stages(plan, setup.folder / "stages" / plan.name, setup)
    set_seed(setup.config.seed)
    config = config_of(plan.last, setup.config, setup.folder / "rows" / plan.name)
    trainer = setup.make_trainer(plan.last, config, start)
    trainer.held_out.always = True  # fine-tuning has no methods, and the tables show the same figures for it
    clock = StepClock(lambda: seconds_before(trainer))
    for callback in (clock, *callbacks):
        trainer.add_callback(callback)
    if quiet:
        trainer.remove_callback(PrinterCallback)
    try:
        train_or_resume(trainer)
    except (Exception, KeyboardInterrupt) as error:
        if keep is not None:
            keep_stopped(trainer, error, RunRecord.stopped_model_of(setup.folder, plan.name))
        raise
    clock.read(trainer.state)  # a row that was finished takes no step here: its times come from the checkpoint
    steps = start.steps + trainer.state.global_step
    # Over all stages; a row of one stage has the clock's own mean, to the last digit.
    mean = (start.seconds + clock.mean * trainer.state.global_step) / steps if start.steps else clock.mean
    row = _row(setup, plan, trainer, steps=steps, seconds=mean)
    row = replace(row, seconds_before=start.before + clock.before)
    trained = Outcome(plan, row, trainer.state.log_history, trainer)
    if keep is not None:
        keep(trained)
    return score_row(setup, trained, tolerant=keep is not None)


def keep_stopped(trainer: SelfTuningTrainer, error: BaseException, folder: Path) -> None:
    """Save the model of a training that an error stopped, such as that of a score, and say so in a note of the error.

    Args:
        trainer: the training.
        error: what stopped it.
        folder: where the model goes.
    """
    step = trainer.state.global_step
    if step == 0 or isinstance(error, FloatingPointError):  # nothing was learned, or the weights are not finite
        return
    try:
        trainer.save_locally(str(folder))
    except Exception as second:
        error.add_note(f"The model of step {step} could not be saved: {sentence_of(second)}")
    else:
        error.add_note(
            f"The model of step {step} of {trainer.state.max_steps} is in {folder}; `hf-selftuning evaluate {folder} "
            "DATA` scores it."
        )


def score_given(setup: Setup, plan: Plan) -> Outcome:
    """Score the model that the flags name, without training.

    Raises:
        ValueError: its head is not one for the classes of the data.
    """
    require_own_head(setup)
    set_seed(setup.config.seed)
    trainer = setup.make_trainer(plan.last, config_of(plan.last, setup.config, setup.folder), Start())
    row = replace(_row(setup, plan, trainer, steps=0, seconds=math.nan), labeled=0, unlabeled=0)
    return score_row(setup, Outcome(plan, row, [], trainer), tolerant=True)


def _row(setup: Setup, plan: Plan, trainer: SelfTuningTrainer, *, steps: int, seconds: float) -> Row:
    examples = sizes(setup)
    reads_unlabeled = bool(trainer.views.unlabeled) or len(plan.stages) > 1
    return Row(
        method=plan.name,
        preset=plan.preset,
        labeled=examples["labeled"],
        unlabeled=examples["unlabeled"] if reads_unlabeled else 0,
        dev=None,
        test=None,
        steps=steps,
        seconds_per_step=seconds,
        seed=trainer.args.seed,
        settings=plan.settings,
    )
