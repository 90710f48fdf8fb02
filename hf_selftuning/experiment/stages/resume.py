"""Train from the start or from a checkpoint; a row that has finished is read back and not trained."""

from pathlib import Path
from typing import cast

from transformers import PreTrainedModel, Trainer, TrainerState, TrainingArguments

from ...training.checkpoints import LAST_FILE, last_whole
from ...training.saved_weights import reload_weights
from ...training.trainer import SelfTuningTrainer


def asked_to_resume(args: TrainingArguments) -> bool:
    """Whether `--resume_from_checkpoint` is True or a path. A command line passes False as a text."""
    return str(args.resume_from_checkpoint).lower() not in ("none", "false")


def train_or_resume(trainer: SelfTuningTrainer) -> None:
    """Train from the start or from the row's checkpoint; a finished row is only read back."""
    checkpoint = _checkpoint(trainer)
    state = None if checkpoint is None else _finished(checkpoint, trainer.args)
    if state is None:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    else:
        trainer.read_finished(str(checkpoint), state)


def train_or_resume_plain(trainer: Trainer) -> None:
    """The same for a plain `transformers.Trainer`, which resumes from its last whole checkpoint."""
    folder, resumed = str(trainer.args.output_dir), asked_to_resume(trainer.args)
    found = last_whole(folder, with_methods=False) if resumed else None
    if found is not None and (state := _finished(found, trainer.args)):
        reload_weights(cast(PreTrainedModel, trainer.model), str(found))
        trainer.state = state
        return
    trainer.train(resume_from_checkpoint=None if found is None else str(found))


def _checkpoint(trainer: SelfTuningTrainer) -> Path | None:
    """The checkpoint that the flags name; with True the row's last whole one; None to train from the start."""
    asked = str(trainer.args.resume_from_checkpoint)
    if not asked_to_resume(trainer.args):
        return None
    if asked.lower() != "true":
        return Path(asked)
    return last_whole(str(trainer.args.output_dir))


def _finished(checkpoint: Path, args: TrainingArguments) -> TrainerState | None:
    """The state of a checkpoint that ends the training which `args` ask for; None for any other checkpoint."""
    path = checkpoint / LAST_FILE
    if not path.is_file():
        return None
    state = TrainerState.load_from_json(str(path))
    if args.max_steps > 0:
        complete = state.global_step >= args.max_steps
    else:
        complete = state.global_step >= state.max_steps and args.num_train_epochs <= state.num_train_epochs
    return state if complete else None
