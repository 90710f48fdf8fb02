"""What a method reads before training: the student for which it makes its state, and the labelled data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from ..modules.classifier import Rows
from .step import PLAIN, Read, Stream


@dataclass(frozen=True)
class BuildContext:
    """What `Method.build` makes a method's state from.

    Args:
        student: the user's model, not yet trained.
        width: width of the features that its classifier reads.
        classes: number of classes, the width of its logits.
        heads: paths of the student's layers that make the logits.
        source: the pretrained model with its own head; None unless a method has `needs_source`.
    """

    student: nn.Module
    width: int
    classes: int
    heads: tuple[str, ...] = ()
    source: nn.Module | None = None


@runtime_checkable
class LabeledBatches(Protocol):
    """Batches of the labelled data in the view without randomness, in a fixed random order."""

    def __iter__(self) -> Iterator[Stream]:
        """Yield every example once, in batches; each loop reads the data again."""

    def first(self, count: int) -> "LabeledBatches":
        """At most `count` examples, a random sample of all."""


@dataclass(frozen=True)
class Preparation:
    """What `Method.prepare` learns from: the student in eval mode and the data, without gradients.

    Args:
        student: the model as training begins.
        read: runs a model of the student's architecture and returns its rows.
        batches: the labelled data.
        pool: the unlabelled data in the same view, each rank's own part of it; None if there is none.
    """

    student: nn.Module
    read: Read
    batches: LabeledBatches
    pool: Iterable[Stream] | None = None

    def rows(self, batch: Stream) -> Rows:
        """Rows of the student on a batch."""
        return self.read(self.student, batch.views[PLAIN], batch.rows)

    @staticmethod
    def labels(batch: Stream) -> Tensor:
        """Labels of the batch's rows (n,)."""
        assert batch.labels is not None
        return batch.labels
