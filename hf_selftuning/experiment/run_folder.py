"""The folder of a run: whose it is, and which checkpoints in it a row goes on from."""

import shutil
from pathlib import Path
from typing import cast

from transformers import PreTrainedModel, Trainer, TrainerState, TrainingArguments

from ..modules.method_state import load_side_state
from ..training.checkpoints import LAST_FILE, last_whole, reload_weights
from ..training.trainer import SelfTuningTrainer


def asked_to_resume(args: TrainingArguments) -> bool:
    """Whether `--resume_from_checkpoint` is True or a path; a command line also gives False, as a word."""
    return str(args.resume_from_checkpoint).lower() not in ("none", "false")


def claim_folder(args: TrainingArguments, *, overwrite: bool) -> Path:
    """Make the output folder, unless another run's results or checkpoints are in it.

    Args:
        args: name the folder, and say whether the run in it goes on.
        overwrite: the run in it may be replaced; its checkpoints go, so that none is ever resumed by another run.

    Raises:
        ValueError: it holds another run, or is a file.
    """
    folder = Path(str(args.output_dir))
    if folder.is_file():
        raise ValueError(f"{folder} is a file, and a run needs a folder; give another --output_dir.")
    traces = traces_of(folder)
    found = [*folder.glob("results.json"), *traces]
    if found and not (overwrite or asked_to_resume(args)):
        raise ValueError(
            f"{folder} holds another run ({found[0].relative_to(folder)}); give another --output_dir, go on with "
            "--resume_from_checkpoint True, or replace it with --overwrite_output_dir True."
        )
    if not asked_to_resume(args):
        for trace in traces:
            shutil.rmtree(trace, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def traces_of(folder: Path) -> list[Path]:
    """Checkpoints and stages that a run has left in its folder."""
    return sorted(path for kind in ("rows/*/checkpoint-*", "stages", "checkpoint-*") for path in folder.glob(kind))


def train_plain(trainer: Trainer) -> None:
    """Train a Trainer that is not ours, from the start or from its last whole checkpoint."""
    folder, resumed = str(trainer.args.output_dir), asked_to_resume(trainer.args)
    found = last_whole(folder, with_methods=False) if resumed else None
    if found is not None and (state := _finished(found, trainer.args)):
        reload_weights(cast(PreTrainedModel, trainer.model), str(found))
        trainer.state = state
        return
    trainer.train(resume_from_checkpoint=None if found is None else str(found))


def train(trainer: SelfTuningTrainer) -> None:
    """Train from the start, or from the row's checkpoint; a row that had finished is read back as it was.

    Trainer would take one more step of a run that is complete.
    """
    checkpoint = _checkpoint(trainer)
    state = None if checkpoint is None else _finished(checkpoint, trainer.args)
    if state is None:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        return
    methods = trainer.training_module.methods
    best = state.best_model_checkpoint if trainer.args.load_best_model_at_end else None
    reload_weights(trainer.model, best or str(checkpoint))
    load_side_state(methods, trainer.model, str(checkpoint))
    trainer.state = state


def _checkpoint(trainer: SelfTuningTrainer) -> Path | None:
    """The path that was given, or with True the row's last whole one."""
    asked = str(trainer.args.resume_from_checkpoint)
    if not asked_to_resume(trainer.args):
        return None
    if asked.lower() != "true":
        return Path(asked)
    return last_whole(str(trainer.args.output_dir))


def _finished(checkpoint: Path, args: TrainingArguments) -> TrainerState | None:
    """The state of a checkpoint with which the training that is asked for is complete."""
    path = checkpoint / LAST_FILE
    if not path.is_file():
        return None
    state = TrainerState.load_from_json(str(path))
    if args.max_steps > 0:
        complete = state.global_step >= args.max_steps
    else:
        complete = state.global_step >= state.max_steps and args.num_train_epochs <= state.num_train_epochs
    return state if complete else None
