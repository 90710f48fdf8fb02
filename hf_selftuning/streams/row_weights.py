"""What a row counts, so that an optimizer step has one mean however it was cut."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..distributed import sum_over_ranks, world_size


def row_weights(batches: Sequence[Mapping[str, Any]], device: torch.device) -> dict[str, Tensor]:
    """For each stream, what one of its rows counts in the loss of its micro-batch.

    Every row of the optimizer step counts alike, on whichever rank and in whichever micro-batch it is. A mean of the
    micro-batches' means would weigh a word more where it has fewer neighbours.

    Args:
        batches: the micro-batches of this rank in the step, as `PairCollator` makes them.
        device: where the weights are wanted.
    """
    streams = list(batches[0])
    counts = [sum(batch[name]["count"] for batch in batches) for name in streams]
    mine = torch.tensor(counts, dtype=torch.float32).to(device, non_blocking=True)
    total = sum_over_ranks(mine).clamp(min=1)
    # DDP averages over ranks and Trainer divides by the micro-batches. Multiply by both, so that the result is the
    # mean over all rows of the step.
    return dict(zip(streams, len(batches) * world_size() / total, strict=True))
