"""The methods' state in a file beside the weights: written with a checkpoint, read back whole or in part."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .ema import EmaCopy
from .reference_model import Reference
from .slices import fill, gathered, is_sliced, reslice_parts

STATE_FILE = "selftuning_state.safetensors"
"""File of the methods' tensors; a name begins with the method's number in the list of methods."""
LEDGER = "ledger."
"""Prefix of the names of tensors that belong to the log, not to a method."""


def side_state(methods: nn.Module, student: nn.Module) -> dict[str, Tensor]:
    """Every tensor of the methods; tied tensors once, and none that the student also holds (a frozen base model)."""
    for module in (methods, student):
        reslice_parts(module)
    # The tensors themselves tell which are the same: a sharded one has no address, and empty ones all have address 0.
    known = {id(tensor) for tensor in student.state_dict(keep_vars=True).values()}
    if is_sliced(student):
        # Slices that the ranks do not divide evenly cannot be shared, and are in the student's file nevertheless.
        copies = [module for module in methods.modules() if isinstance(module, EmaCopy)]
        known |= {id(tensor) for copy in copies for tensor in copy.standing_still()}
    state = {}
    for name, tensor in methods.state_dict(keep_vars=True).items():
        if id(tensor) not in known:
            state[name] = tensor.detach()
            known.add(id(tensor))
    return state


def save_side_state(
    methods: nn.Module, student: nn.Module, ledger: Mapping[str, Tensor], folder: str, *, writes: bool = True
) -> None:
    """Write the methods' state, and the log's tensors (`ledger`), into the folder of a checkpoint or of a stage.

    Args:
        methods: whose state is written.
        student: what it holds too is left out.
        ledger: the log's tensors.
        folder: of the file.
        writes: whether this rank writes; every rank must call it, because each may hold a slice of the state.
    """
    state = side_state(methods, student) | {LEDGER + name: tensor for name, tensor in ledger.items()}
    kept = gathered(state, keep=writes)
    if writes:
        # safetensors refuses a tensor whose memory has gaps, such as a transposed one.
        save_file({name: tensor.contiguous() for name, tensor in kept.items()}, str(Path(folder) / STATE_FILE))


@torch.no_grad()
def load_side_state(methods: nn.Module, student: nn.Module, folder: str) -> dict[str, Tensor]:
    """Read every tensor of the methods back, in place; return the log's tensors (the ledger).

    Raises:
        ValueError: the state was written with other methods or settings, or by a run with other starting weights.
    """
    path = Path(folder) / STATE_FILE
    saved, mine = load_file(path), side_state(methods, student)
    ledger = {name.removeprefix(LEDGER): saved.pop(name) for name in list(saved) if name.startswith(LEDGER)}
    other = sorted(saved.keys() ^ mine.keys()) or sorted(n for n in mine if mine[n].shape != saved[n].shape)
    if other:
        raise ValueError(
            f"{path} was written with other methods or settings: {', '.join(other[:3])} differ; "
            "resume with the methods and settings the run began with, and with as many examples."
        )
    for name, tensor in mine.items():
        fill(tensor, saved[name])
    for module in methods.modules():
        if isinstance(module, Reference):
            module.check()
    return ledger


def saved_part(folder: str | Path, part: str) -> dict[str, Tensor]:
    """The saved tensors of a method's part, such as `middle_head`, by name; empty if no method has that part."""
    path = Path(folder) / STATE_FILE
    if not path.is_file():
        return {}
    start = re.compile(rf"\d+\.{re.escape(part)}\.")
    with safe_open(path, "pt") as file:
        # What safe_open returns has keys(), but is no mapping that could be iterated over.
        return {start.sub("", name, count=1): file.get_tensor(name) for name in file.keys() if start.match(name)}  # noqa: SIM118
