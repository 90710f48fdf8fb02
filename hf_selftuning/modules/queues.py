"""Class queues: the last k keys of every class, as in MoCo but one ring a class."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def rank_within_class(labels: Int[Tensor, "n"], num_classes: int) -> Int[Tensor, "n"]:
    """How many earlier rows have the same label; rows labelled -1 count as one class more."""
    order = torch.argsort(labels, stable=True)
    ordered = labels[order]
    starts = torch.searchsorted(ordered, torch.arange(-1, num_classes, device=labels.device))
    ranks = torch.arange(len(labels), device=labels.device) - starts[ordered + 1]
    return torch.empty_like(ranks).scatter_(0, order, ranks)


def class_counts(labels: Int[Tensor, "n"], num_classes: int) -> Int[Tensor, "c"]:
    """Number of rows of each class; rows labelled -1 are left out, without a look at the values from the host."""
    counts = labels.new_zeros(num_classes + 1)
    return counts.scatter_add_(0, labels + 1, torch.ones_like(labels))[1:]


class ClassQueues(nn.Module):
    """A ring of keys for each class; empty slots are told by `filled`, never random vectors.

    Args:
        num_classes: the paper's C.
        size: keys kept a class, the paper's D.
        dim: width of a key.
    """

    keys: Tensor
    written: Tensor

    def __init__(self, num_classes: int, size: int, dim: int) -> None:
        super().__init__()
        self.num_classes, self.size, self.dim = num_classes, size, dim
        # One row more than there are slots: it takes what must be thrown away, so that no row is picked by its value.
        self.register_buffer("keys", torch.zeros(num_classes * size + 1, dim))
        self.register_buffer("written", torch.zeros(num_classes, dtype=torch.long))

    @property
    def filled(self) -> Bool[Tensor, "c k"]:
        """Which slots hold a key."""
        return torch.arange(self.size, device=self.written.device) < self.written[:, None]

    def read(self) -> Float[Tensor, "c k d"]:
        """All slots, not copied: where a write comes before the backward pass, which then refuses, take a clone."""
        return self.keys[:-1].view(self.num_classes, self.size, self.dim)

    @torch.no_grad()
    def enqueue(self, keys: Float[Tensor, "n d"], labels: Int[Tensor, "n"]) -> None:
        """Write rows in their order, the oldest key of the class making room; rows labelled -1 are skipped."""
        ranks = rank_within_class(labels, self.num_classes)
        counts = class_counts(labels, self.num_classes)
        classes = labels.clamp(min=0)
        survives = (labels >= 0) & (ranks >= counts[classes] - self.size)
        slots = classes * self.size + (self.written[classes] + ranks) % self.size
        slots = torch.where(survives, slots, self.num_classes * self.size)
        self.keys.index_copy_(0, slots, keys.to(self.keys.dtype))
        self.keys[-1].zero_()  # so that queues that hold the same are the same
        self.written += counts
