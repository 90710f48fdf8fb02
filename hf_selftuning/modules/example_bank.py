"""ExampleBank: a moving average of one vector for each example, looked up by the example's place in its dataset."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..distributed import gather_rows
from .part import Part


class ExampleBank(Part):
    """Unit vectors of examples. Those of a step wait until the optimizer has stepped, so that a step may be cut.

    Args:
        size: number of examples.
        dim: width of a vector.
        momentum: share of the old vector that stays; the first one replaces nothing.
    """

    vectors: Tensor
    seen: Tensor
    """Which examples (m,) have a vector."""

    def __init__(self, size: int, dim: int, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("vectors", torch.zeros(size, dim))
        self.register_buffer("seen", torch.zeros(size, dtype=torch.bool))
        self._waiting: list[tuple[Tensor, Tensor]] = []

    def read(self, examples: Int[Tensor, "n"], fresh: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """The vectors of some examples; one that was not seen yet has its fresh one."""
        return torch.where(self.seen[examples, None], self.vectors[examples], fresh.detach())

    def others(self, examples: Int[Tensor, "n"], most: int) -> tuple[Float[Tensor, "k d"], Bool[Tensor, "n k"]]:
        """At most so many vectors, drawn at random, and which of them are seen examples other than each row's."""
        size = len(self.vectors)
        device = self.vectors.device
        places = torch.arange(size, device=device) if size <= most else torch.randperm(size, device=device)[:most]
        return self.vectors[places], self.seen[places] & (places != examples[:, None])

    def observe(self, examples: Int[Tensor, "n"], vectors: Float[Tensor, "n d"]) -> None:
        """Add the vectors of a micro-batch."""
        self._waiting.append((examples, vectors.detach().float()))

    @torch.no_grad()
    def settle(self, step: int) -> None:
        """Move towards the vectors that all ranks added; if an example is there twice, towards their mean."""
        empty = self.vectors[:0]
        places = gather_rows(torch.cat([self.seen.new_zeros(0, dtype=torch.long), *(p for p, _ in self._waiting)]))
        rows = gather_rows(torch.cat([empty, *(vectors for _, vectors in self._waiting)]))
        places, which = places.unique(return_inverse=True)
        mean = F.normalize(rows.new_zeros(len(places), rows.shape[1]).index_add_(0, which, rows), dim=1)
        kept = self.momentum * self.seen[places, None]
        self.vectors[places] = F.normalize(kept * self.vectors[places] + (1 - kept) * mean, dim=1)
        self.seen[places] = True
        self.forget()

    def forget(self) -> None:
        """Drop the vectors that wait."""
        self._waiting = []
