"""Class queues: the last k keys of every class, as in MoCo but with one ring buffer for each class."""

from operator import itemgetter

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..distributed import gather_rows
from .part import Part


def rank_within_class(labels: Int[Tensor, "n"], num_classes: int) -> Int[Tensor, "n"]:
    """For each row, the number of earlier rows of the same label; rows labelled -1 count as one more class."""
    return ranks_and_counts(labels, num_classes)[0]


def ranks_and_counts(labels: Int[Tensor, "n"], num_classes: int) -> tuple[Int[Tensor, "n"], Int[Tensor, "c"]]:
    """For each row, the number of earlier rows of the same label, and the number of rows of each class.

    Rows labelled -1 are ranked as one more class, and not counted.
    """
    ordered, order = labels.sort(stable=True)
    # Where each label begins among the sorted rows: entry 0 is for -1, entry c + 1 for class c, the last is the end.
    starts = torch.searchsorted(ordered, torch.arange(-1, num_classes + 1, device=labels.device))
    ranks = torch.arange(len(labels), device=labels.device) - starts[ordered + 1]
    return torch.empty_like(ranks).scatter_(0, order, ranks), starts[2:] - starts[1:-1]


def class_counts(labels: Int[Tensor, "n"], num_classes: int) -> Int[Tensor, "c"]:
    """Number of rows of each class, without those labelled -1."""
    # Entry 0 counts the rows labelled -1 and is cut off; a mask would make the host wait for the device.
    counts = labels.new_zeros(num_classes + 1)
    return counts.scatter_add_(0, labels + 1, torch.ones_like(labels))[1:]


class ClassQueues(Part):
    """A ring buffer of keys for each class; `filled` says which slots hold a key, and the others hold zeros.

    Args:
        num_classes: the paper's C.
        size: keys kept for each class, the paper's D.
        dim: width of a key.
    """

    keys: Tensor
    written: Tensor
    """Keys (c,) that each class has received so far."""

    def __init__(self, num_classes: int, size: int, dim: int) -> None:
        super().__init__()
        self.num_classes, self.size, self.dim = num_classes, size, dim
        # One row more than there are slots takes the keys that are dropped: to select keys by a mask, the host waits.
        self.register_buffer("keys", torch.zeros(num_classes * size + 1, dim))
        self.register_buffer("written", torch.zeros(num_classes, dtype=torch.long))
        self._waiting: list[tuple[int, Tensor, Tensor]] = []

    @property
    def filled(self) -> Bool[Tensor, "c k"]:
        """Which slots hold a key."""
        return torch.arange(self.size, device=self.written.device) < self.written[:, None]

    def read(self) -> Float[Tensor, "c k d"]:
        """All slots, not copied. If keys are enqueued before the backward pass, autograd raises; clone them first."""
        # The last row is the one for dropped keys, see `__init__`.
        return self.keys[:-1].view(self.num_classes, self.size, self.dim)

    def wait(self, keys: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, turn: int = 0) -> None:
        """Hold the keys of a micro-batch until the optimizer has stepped, then enqueue them; so a step may be cut.

        Args:
            keys: one key for each row; they are detached.
            labels: class of each row, or -1 for a row that is skipped.
            turn: keys of a lower turn are enqueued first, however the step is cut.
        """
        self._waiting.append((turn, keys.detach(), labels))

    def settle(self, step: int) -> None:
        """Enqueue the keys that wait, turn by turn."""
        if self._waiting:
            # Sorting is stable: keys of one turn keep their order. Each entry is gathered by itself, so that all keys
            # of a turn, of whichever rank, come before those of the next; they are written by one call.
            waiting = sorted(self._waiting, key=itemgetter(0))
            keys = torch.cat([gather_rows(some) for _, some, _ in waiting])
            self.enqueue(keys, torch.cat([gather_rows(labels) for _, _, labels in waiting]))
        self.forget()

    def forget(self) -> None:
        """Drop the keys that wait."""
        self._waiting = []

    def enqueue_all_ranks(self, keys: Float[Tensor, "n d"], labels: Int[Tensor, "n"]) -> None:
        """Enqueue the rows of every rank at once, in the order of the ranks; every rank must call this."""
        self.enqueue(gather_rows(keys), gather_rows(labels))

    @torch.no_grad()
    def enqueue(self, keys: Float[Tensor, "n d"], labels: Int[Tensor, "n"]) -> None:
        """Write rows in their order, each over the oldest key of its class; rows labelled -1 are skipped."""
        ranks, counts = ranks_and_counts(labels, self.num_classes)
        classes = labels.clamp(min=0)
        # If a class has more rows than slots, only the last rows are written: index_copy_ promises no order in a slot.
        survives = (labels >= 0) & (ranks >= counts[classes] - self.size)
        slots = classes * self.size + (self.written[classes] + ranks) % self.size
        slots = torch.where(survives, slots, self.num_classes * self.size)
        self.keys.index_copy_(0, slots, keys.to(self.keys.dtype))
        self.keys[-1].zero_()  # so that queues with the same keys are equal bit for bit
        self.written += counts
