"""RunningMean: a moving average of row values over past steps, the same on every rank."""

import torch
from jaxtyping import Float, Num
from torch import Tensor

from ..distributed import sum_over_ranks
from .part import Part


class RunningMean(Part):
    """Moving average, over optimizer steps, of the mean over all rows of a step.

    Rows wait until the optimizer has stepped. Then `value` moves once, so that a step may be cut into micro-batches.
    A step without rows does not change it.

    Args:
        start: the value before the first step.
        momentum: share of the old value that stays.
    """

    value: Tensor

    def __init__(self, start: Tensor, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("value", start.float().clone())
        self._waiting: list[Tensor] = []

    def observe(self, rows: Num[Tensor, "n *shape"]) -> None:
        """Add the rows of a micro-batch; each row has the shape of `value`."""
        rows = rows.detach().float()
        # The count is appended to the sum, so that ranks exchange both at once.
        self._waiting.append(torch.cat([rows.sum(0).flatten(), rows.new_full((1,), len(rows))]))

    @torch.no_grad()
    def settle(self, step: int) -> None:
        """Move towards the mean of the rows that all ranks added."""
        # A rank that saw no row must take part in the exchange all the same, or the others would wait for ever.
        nothing = self.value.new_zeros(self.value.numel() + 1)
        total = sum_over_ranks(torch.stack([nothing, *self._waiting]).sum(0))
        mean = (total[:-1] / total[-1].clamp(min=1)).view_as(self.value)
        moved = torch.lerp(mean, self.value, self.momentum)
        # `where` and not `if`, which would make the host wait for the device.
        self.value.copy_(torch.where(total[-1] > 0, moved, self.value))
        self.forget()

    def forget(self) -> None:
        """Drop the rows that wait."""
        self._waiting = []


def uniform(num_classes: int) -> Float[Tensor, "c"]:
    """The uniform distribution, with which a running distribution starts."""
    return torch.full((num_classes,), 1 / num_classes)
