"""Communication between ranks by torch.distributed; a single process needs none."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Told = TypeVar("Told")


def world_size() -> int:
    """Number of processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Number of this process among those that train together, from 0."""
    return dist.get_rank() if world_size() > 1 else 0


def sum_over_ranks(values: Tensor) -> Tensor:
    """The sum of a tensor over all ranks, which hold the same shape; the argument does not change."""
    if world_size() == 1:
        return values
    total = values.clone()
    dist.all_reduce(total)
    return total


def broadcast(tensors: Iterable[Tensor]) -> None:
    """Overwrite the tensors on every rank with those of the first rank."""
    if world_size() > 1:
        for tensor in tensors:
            dist.broadcast(tensor, src=0)


def gather_rows(rows: Tensor) -> Tensor:
    """Rows of all ranks, in rank order; ranks may hold different numbers of rows, even none."""
    if world_size() == 1:
        return rows
    counts = [torch.zeros(1, dtype=torch.long, device=rows.device) for _ in range(world_size())]
    dist.all_gather(counts, torch.tensor([len(rows)], device=rows.device))
    lengths = [int(count) for count in counts]
    # all_gather needs the same shape on every rank.
    padded = rows.new_zeros(max(lengths), *rows.shape[1:])
    padded[: len(rows)] = rows
    parts = [torch.empty_like(padded) for _ in lengths]
    dist.all_gather(parts, padded)
    return torch.cat([part[:length] for part, length in zip(parts, lengths, strict=True)])


def told_by_first(make: Callable[[], Told]) -> Told:
    """Call `make` on the first rank only, and return its result on every rank."""
    if world_size() == 1:
        return make()
    box: list[Any] = [make() if rank() == 0 else None]
    dist.broadcast_object_list(box, src=0)
    return box[0]
