"""RunningMoments: moving averages of the mean and the variance of row values, the same on every rank."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..distributed import sum_over_ranks
from .part import Part


class RunningMoments(Part):
    """Moving averages, over optimizer steps, of the mean and the unbiased variance of the rows of a step.

    Rows wait until the optimizer has stepped. Then both averages move once, so that a step may be cut into
    micro-batches. A step without rows changes nothing, and a single row has no variance.

    Args:
        mean: the mean before the first step.
        variance: the variance before the first step.
        momentum: share of the old values that stays.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, mean: float, variance: float, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("mean", torch.tensor(float(mean)))
        self.register_buffer("variance", torch.tensor(float(variance)))
        self._waiting: list[Tensor] = []

    def observe(self, rows: Float[Tensor, "n"]) -> None:
        """Add the rows of a micro-batch."""
        # Distances from the old mean, which all ranks share: sums of squares of the rows themselves would lose digits.
        away = rows.detach().float() - self.mean
        self._waiting.append(torch.stack([away.sum(), away.square().sum(), away.new_tensor(float(len(away)))]))

    @torch.no_grad()
    def settle(self, step: int) -> None:
        """Move towards mean and variance of the rows that all ranks added."""
        total, squares, count = sum_over_ranks(torch.stack([self.mean.new_zeros(3), *self._waiting]).sum(0))
        away = total / count.clamp(min=1)
        spread = (squares - count * away.square()).clamp(min=0) / (count - 1).clamp(min=1)
        moved = torch.lerp(spread, self.variance, self.momentum)
        self.variance.copy_(torch.where(count > 1, moved, self.variance))
        self.mean.add_((1 - self.momentum) * away)
        self.forget()

    def forget(self) -> None:
        """Drop the rows that wait."""
        self._waiting = []
