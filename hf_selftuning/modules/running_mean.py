"""RunningMean: what a method remembers of the rows of former steps, the same on every rank."""

import torch
from jaxtyping import Float, Num
from torch import Tensor, nn

from ..distributed import sum_over_ranks


class RunningMean(nn.Module):
    """Moving average, over optimizer steps, of the mean over all rows of a step.

    Rows wait until the optimizer has stepped, so that cutting a step into micro-batches changes nothing;
    then `value` moves once. A step without rows leaves it where it is.

    Args:
        start: the value before the first step.
        momentum: share of the old value that stays.
    """

    value: Tensor

    def __init__(self, start: Tensor, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("value", start.float().clone())
        self.forget()

    def observe(self, rows: Num[Tensor, "n *shape"]) -> None:
        """Take rows of a micro-batch, each of the value's shape."""
        rows = rows.detach().float()
        # The count rides along, so that ranks tell each other both at once.
        self._waiting.append(torch.cat([rows.sum(0).flatten(), rows.new_full((1,), len(rows))]))

    def forget(self) -> None:
        """Drop what was taken for a step that the optimizer skipped."""
        self._waiting: list[Tensor] = []

    @torch.no_grad()
    def settle(self) -> None:
        """Move towards the mean of what all ranks took; every rank calls it, also one that took nothing."""
        nothing = self.value.new_zeros(self.value.numel() + 1)
        total = sum_over_ranks(torch.stack([nothing, *self._waiting]).sum(0))
        mean = (total[:-1] / total[-1].clamp(min=1)).view_as(self.value)
        moved = torch.lerp(mean, self.value, self.momentum)
        self.value.copy_(torch.where(total[-1] > 0, moved, self.value))
        self.forget()


def uniform(num_classes: int) -> Float[Tensor, "c"]:
    """The distribution that a running one starts from."""
    return torch.full((num_classes,), 1 / num_classes)
