"""Checkpoints of sharded weights: what is written is whole, so that a run of any number of ranks reads it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ..modules.slices import fill, gathered, is_sliced, resliced


def whole_weights(model: nn.Module, *, keep: bool) -> dict[str, Tensor] | None:
    """The weights of a sharded model on the ranks that keep them; None of another model. Every rank must call it."""
    return gathered(resliced(model).state_dict(keep_vars=True), keep=keep) if is_sliced(model) else None


def write_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Overwrite the weights of a model, sharded or not, with whole ones.

    Args:
        model: has all of the weights, and may have more.
        weights: by name, equal on every rank.
    """
    own = resliced(model).state_dict(keep_vars=True)
    for name, values in weights.items():
        fill(own[name].data, values)


class WholeOptimizer:
    """Stands for an optimizer of slices while its state is written or read, because the state in a file is whole.

    Args:
        optimizer: of slices.
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        self._state: dict[str, Any] = {}

    def gather(self, *, keep: bool) -> "WholeOptimizer":
        """Gather the whole state on the ranks that keep it. Every rank must call it."""
        state = self._optimizer.state_dict()
        names = {(number, name): value for number, of in state["state"].items() for name, value in of.items()}
        tensors = {str(key): value for key, value in names.items() if isinstance(value, Tensor)}
        found = gathered(tensors, keep=keep)
        for (number, name), value in names.items():
            state["state"][number] = {**state["state"][number], name: found.get(str((number, name)), value)}
        self._state = state if keep else {}
        return self

    def state_dict(self) -> dict[str, Any]:
        """What `gather` found."""
        return self._state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Give each rank its slices of a whole state."""
        parameters = [parameter for group in self._optimizer.param_groups for parameter in group["params"]]
        for number, values in state["state"].items():
            for name, value in values.items():
                # A count of steps has no dimension, and is not sharded.
                if isinstance(value, Tensor) and value.ndim and value.shape == parameters[number].shape:
                    values[name] = torch.empty_like(parameters[number])
                    fill(values[name], value)
        self._optimizer.load_state_dict(state)


@contextmanager
def whole_state(trainer: Any, *, keep: bool | None = None) -> Iterator[None]:
    """Let a trainer of slices write or read the whole state of its optimizer while the context lasts.

    Args:
        trainer: whose `optimizer` is replaced, if its model is sharded.
        keep: whether this rank writes the state; None if the state is read.
    """
    own = trainer.optimizer
    if is_sliced(trainer.model):
        trainer.optimizer = WholeOptimizer(own)
        if keep is not None:
            trainer.optimizer.gather(keep=keep)
    try:
        yield
    finally:
        trainer.optimizer = own
