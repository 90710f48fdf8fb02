"""The weight of a row, so that the loss of an optimizer step is one mean, however its rows are divided."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..distributed import sum_over_ranks, world_size


def row_weights(batches: Sequence[Mapping[str, Any]], device: torch.device) -> dict[str, Tensor]:
    """The weight of one row in the loss of its micro-batch, for each stream.

    All rows of an optimizer step have the same weight, on every rank and in every micro-batch. A mean of the
    micro-batches' means would give a row more weight if its micro-batch has fewer rows.

    Args:
        batches: the micro-batches of this rank in the step, as `PairCollator` makes them.
        device: device of the weights.
    """
    streams = list(batches[0])
    counts = [sum(batch[name]["count"] for batch in batches) for name in streams]
    mine = torch.tensor(counts, dtype=torch.float32).to(device, non_blocking=True)
    total = sum_over_ranks(mine).clamp(min=1)
    # DDP averages over ranks, and Trainer divides by the number of micro-batches. Multiply by both numbers, so that
    # the result is the mean over all rows of the step.
    return dict(zip(streams, len(batches) * world_size() / total, strict=True))
