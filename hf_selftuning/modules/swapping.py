"""Weights of two modules of one architecture that change places, or of which one becomes the other."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .slices import own_slice, resliced


def weight_pairs(first: nn.Module, second: nn.Module) -> Iterator[tuple[Tensor, Tensor]]:
    """Parameters and buffers of both modules, in pairs, without those that both share (a frozen base under LoRA).

    Of sharded weights, each rank gets its own slices.
    """
    for mine, theirs in zip(_weights(first), _weights(second), strict=True):
        if mine is not theirs:
            yield own_slice(mine), own_slice(theirs)


def _weights(module: nn.Module) -> list[Tensor]:
    return [*resliced(module).parameters(), *module.buffers()]


@contextmanager
def swapped(first: nn.Module, second: nn.Module) -> Iterator[None]:
    """Let both modules have each other's weights and buffers while the context lasts."""
    _swap(first, second)
    try:
        yield
    finally:
        _swap(first, second)


@torch.no_grad()
def _swap(first: nn.Module, second: nn.Module) -> None:
    # Values are copied, because the optimizer and a compiled model hold on to the tensors themselves.
    for mine, theirs in weight_pairs(first, second):
        kept = mine.clone()
        mine.copy_(theirs)
        theirs.copy_(kept)
