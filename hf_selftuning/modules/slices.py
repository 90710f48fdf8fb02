"""Sharded weights: under FSDP2 each rank holds a slice of every weight, and whole weights exist only for a pass."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor, distribute_tensor

Module = TypeVar("Module", bound=nn.Module)


def is_sliced(model: nn.Module) -> bool:
    """Whether a model's weights are sharded by FSDP2."""
    return isinstance(model, FSDPModule)


def resliced(module: Module) -> Module:
    """The module, whose parameters are slices again where a forward pass left whole weights.

    Call it before parameters are read or written: by an optimizer, a moving average, a checkpoint.
    """
    if is_sliced(module):
        reslice_parts(module)
    return module


def reslice_parts(module: nn.Module) -> None:
    """Make the parameters of all sharded modules inside slices again."""
    for part in module.modules():
        if isinstance(part, FSDPModule):
            part.reshard()


def own_slice(tensor: Tensor) -> Tensor:
    """This rank's slice, which shares memory and gradient with the sharded tensor; another tensor as it is."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(tensor: Tensor) -> Tensor:
    """The slices of all ranks together; every rank must call it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


@torch.no_grad()
def fill(tensor: Tensor, values: Tensor) -> None:
    """Overwrite a tensor with whole values, which are equal on every rank; of a sharded one, each rank its slice."""
    if isinstance(tensor, DTensor):
        own = tensor.to_local()
        values = values.to(own.device, own.dtype)
        # Without a source rank, each rank cuts its slice out of its own values, and nothing is sent.
        sliced = distribute_tensor(values, tensor.device_mesh, tensor.placements, src_data_rank=None)
        own.copy_(sliced.to_local())
    else:
        tensor.copy_(values)


def gathered(state: Mapping[str, Tensor], *, keep: bool) -> dict[str, Tensor]:
    """The whole tensors in the host's memory on the ranks that keep them, and an empty mapping on the others.

    Every rank must call it. Names of one tensor (tied weights) keep one tensor.

    Args:
        state: tensors by name, sharded or not.
        keep: whether this rank keeps them.
    """
    found: dict[int, Tensor] = {}
    for tensor in state.values():
        if id(tensor) not in found:
            one = whole(tensor.detach())  # one tensor at a time, so that no rank has to hold all of them whole
            found[id(tensor)] = one.cpu() if keep else one.new_empty(0)
    return {name: found[id(tensor)] for name, tensor in state.items()} if keep else {}
