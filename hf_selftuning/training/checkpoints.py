"""Checkpoints: which of them are whole, and which one to resume from."""

import json
import logging
import zipfile
from pathlib import Path

from safetensors import SafetensorError, safe_open
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from ..modules.method_state import STATE_FILE

LAST_FILE = TRAINER_STATE_NAME
"""Trainer writes this file last, after every rank has written its own files."""

logger = logging.getLogger(__name__)


def fault(folder: str | Path, *, with_methods: bool = True) -> str | None:
    """Why a run cannot resume from a checkpoint, as the end of a sentence; None for a whole checkpoint.

    Args:
        folder: of the checkpoint.
        with_methods: whether it must hold the methods' state, which a plain Trainer does not write.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return "is no folder"
    try:
        json.loads((folder / LAST_FILE).read_text())
    except (OSError, ValueError):
        return f"has no whole {LAST_FILE}, which is written last: the run was stopped while it wrote"
    if with_methods and not (folder / STATE_FILE).is_file():
        return f"has no {STATE_FILE}: it was not written by SelfTuningTrainer, or with save_only_model=True"
    # Whole weights, a shard of them, or adapter_model.safetensors of peft.
    if not any(folder.glob("*model*.safetensors")):
        return "has no weights: the run was stopped while it wrote"
    broken = [path.name for path in sorted(folder.iterdir()) if not _readable(path)]
    return f"has a broken {broken[0]}: the run was stopped while it wrote" if broken else None


def _readable(path: Path) -> bool:
    """Whether a file of tensors is complete, judged by its first or last bytes alone."""
    if path.suffix in (".pt", ".pth"):
        # torch writes zip files, and the directory of a zip file is at its end.
        return zipfile.is_zipfile(path)
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, "pt"):
                return True
        except (OSError, SafetensorError):
            return False
    return True


def checkpoints(folder: str | Path) -> list[Path]:
    """Checkpoint folders of a run, the latest step first, whole or not."""
    start = f"{PREFIX_CHECKPOINT_DIR}-"
    # A copy that somebody made, such as checkpoint-100-best, is no checkpoint of the run.
    found = [path for path in Path(folder).glob(f"{start}*") if path.name.removeprefix(start).isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(start)), reverse=True)


def last_whole(folder: str | Path, *, with_methods: bool = True) -> Path | None:
    """The last checkpoint that a run can resume from, see `fault`. Logs why a later one cannot be used."""
    for path in checkpoints(folder):
        if (reason := fault(path, with_methods=with_methods)) is None:
            return path
        logger.warning("%s %s; the one before it is tried.", path, reason)
    return None


def checkpoint_to_resume(asked: str | bool | None, folder: str | Path, *, with_methods: bool = True) -> str | None:
    """What to resume from: nothing, the last whole checkpoint of a run, or the one that was named.

    Args:
        asked: None or False for nothing, True for the last whole checkpoint, or the path of one.
        folder: of the run.
        with_methods: see `fault`.

    Raises:
        ValueError: there is no such checkpoint, or it is not whole.
    """
    if asked is None or asked is False:
        return None
    if asked is not True and (reason := fault(asked, with_methods=with_methods)) is None:
        return str(asked)
    whole = last_whole(folder if asked is True else Path(asked).parent, with_methods=with_methods)
    if asked is True and whole is not None:
        return str(whole)
    way_out = f"resume from {whole}, the last that is whole" if whole else "train anew, without resume_from_checkpoint"
    if asked is True:
        raise ValueError(f"{folder} has no checkpoint that is whole; {way_out}.")
    raise ValueError(f"{asked} {reason}; {way_out}.")
