"""Checkpoints: which are whole, the methods' state beside the model's, and weights that are really read back."""

import json
import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel

from ..modules.method_state import STATE_FILE as STATE_FILE
from ..modules.reference_model import Reference

LAST_FILE = "trainer_state.json"
"""What the Trainer writes last, once every rank has written what is its own."""
LEDGER = "ledger."

logger = logging.getLogger(__name__)


def fault(folder: str | Path, *, with_methods: bool = True) -> str | None:
    """Why a checkpoint cannot be resumed from, as the end of a sentence; None where it is whole.

    Args:
        folder: of the checkpoint.
        with_methods: it must hold the methods' state; a plain Trainer's has none.
    """
    folder = Path(folder)
    try:
        json.loads((folder / LAST_FILE).read_text())
    except (OSError, ValueError):
        return f"has no whole {LAST_FILE}, which is written last: the run was stopped while it wrote"
    if with_methods and not (folder / STATE_FILE).is_file():
        return f"has no {STATE_FILE}: it was not written by SelfTuningTrainer, or with save_only_model=True"
    if not any(folder.glob("*model*.safetensors")):
        return "has no weights: the run was stopped while it wrote"
    broken = [path.name for path in sorted(folder.iterdir()) if not _readable(path)]
    return f"has a broken {broken[0]}: the run was stopped while it wrote" if broken else None


def _readable(path: Path) -> bool:
    """Whether a file of tensors has its end; read from its head or tail alone."""
    if path.suffix in (".pt", ".pth"):
        return zipfile.is_zipfile(path)
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, "pt"):
                return True
        except (OSError, SafetensorError):
            return False
    return True


def checkpoints(folder: str | Path) -> list[Path]:
    """Checkpoint folders of a run, the last first, whole or not."""
    found = [path for path in Path(folder).glob("checkpoint-*") if path.name.removeprefix("checkpoint-").isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("checkpoint-")), reverse=True)


def last_whole(folder: str | Path, *, with_methods: bool = True) -> Path | None:
    """The last checkpoint of a run that can be resumed from, see `fault`; says so where a later one cannot."""
    for path in checkpoints(folder):
        if (reason := fault(path, with_methods=with_methods)) is None:
            return path
        logger.warning("%s %s; the one before it is looked at.", path, reason)
    return None


def checkpoint_to_resume(asked: str | bool | None, folder: str | Path) -> str | None:
    """What to resume from: nothing, the last whole checkpoint of a run, or the one that was named.

    Raises:
        ValueError: what was asked for is not there or not whole.
    """
    if asked is None or asked is False:
        return None
    if asked is not True and (reason := fault(asked)) is None:
        return str(asked)
    whole = last_whole(folder if asked is True else Path(asked).parent)
    if asked is True and whole is not None:
        return str(whole)
    way_out = f"resume from {whole}, the last that is whole" if whole else "train anew, without resume_from_checkpoint"
    if asked is True:
        raise ValueError(f"{folder} has no checkpoint that is whole; {way_out}.")
    raise ValueError(f"{asked} {reason}; {way_out}.")


def side_state(methods: nn.Module, student: nn.Module) -> dict[str, Tensor]:
    """Everything the methods hold, tied tensors once, but for what they share with the student (a frozen base)."""
    known = {tensor.data_ptr() for tensor in student.state_dict().values()}
    state = {}
    for name, tensor in methods.state_dict().items():
        if tensor.data_ptr() not in known:
            state[name] = tensor
            known |= {tensor.data_ptr()} if tensor.numel() else set()
    return state


def save_side_state(methods: nn.Module, student: nn.Module, ledger: Mapping[str, Tensor], folder: str) -> None:
    """Write the methods' state and the ledger's into a checkpoint folder, as safetensors."""
    state = side_state(methods, student) | {LEDGER + name: tensor for name, tensor in ledger.items()}
    save_file({name: tensor.contiguous().cpu() for name, tensor in state.items()}, str(Path(folder) / STATE_FILE))


@torch.no_grad()
def load_side_state(methods: nn.Module, student: nn.Module, folder: str) -> dict[str, Tensor]:
    """Read the methods' state back, strictly; returns the ledger's.

    Raises:
        ValueError: it is of other methods or settings, or of a run with another starting point.
    """
    path = Path(folder) / STATE_FILE
    saved, mine = load_file(path), side_state(methods, student)
    ledger = {name.removeprefix(LEDGER): saved.pop(name) for name in list(saved) if name.startswith(LEDGER)}
    other = sorted(saved.keys() ^ mine.keys()) or sorted(n for n in mine if mine[n].shape != saved[n].shape)
    if other:
        raise ValueError(
            f"{path} was written with other methods or settings: {', '.join(other[:3])} differ; "
            "resume with the methods and settings the run began with."
        )
    for name, tensor in mine.items():
        tensor.copy_(saved[name])
    for module in methods.modules():
        if isinstance(module, Reference):
            module.check()
    return ledger


def reload_weights(model: PreTrainedModel, folder: str) -> None:
    """Read a saved plain model into the live one, every weight.

    transformers saves some architectures (ViT, timm wrappers) under other names than the live model has, which
    a plain `load_state_dict(strict=False)` skips without an error; `from_pretrained` knows both.
    """
    saved = type(model).from_pretrained(folder, config=model.config)
    model.load_state_dict(saved.state_dict(), strict=True)


def can_reload(model: nn.Module, folder: str) -> bool:
    """Whether a folder holds a whole plain model (adapters of peft are read by the Trainer itself)."""
    return not hasattr(model, "peft_config") and any(Path(folder).glob("model*.safetensors"))
