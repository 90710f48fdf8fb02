"""What student and key encoder make of the rows of a stream, and both projected to unit vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .classifier import Rows


@dataclass(frozen=True)
class Passes:
    """What student and key encoder make of the n rows of one stream; queries and keys have shape (n, d)."""

    student: Rows
    teacher: Rows
    queries: Tensor
    keys: Tensor


def projected(projector: nn.Module, streams: Sequence[Rows]) -> list[Tensor]:
    """Unit vectors (n, d) of the features of each stream, in float32.

    All streams go through in one call, because a small step on a GPU waits for each call of an operator.
    """
    features = [rows.features for rows in streams]
    unit = F.normalize(projector(torch.cat(features) if len(features) > 1 else features[0]).float(), dim=1)
    return list(unit.split([len(some) for some in features]))
