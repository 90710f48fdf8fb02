"""What a method reads before training: the student for which it makes its state, the labelled data, and the pool."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ..distributed import gather_rows
from ..modules.classifier import Rows
from ..modules.hidden_states import last_hidden_states
from ..modules.slices import is_sliced
from .step import PLAIN, Read, Stream
from .task import Task


@dataclass(frozen=True)
class BuildContext:
    """What `Method.build` makes a method's state from.

    Args:
        student: the user's model, not yet trained.
        width: width of the features that its classifier reads.
        classes: number of classes, the width of its logits.
        heads: paths of the student's layers that make the logits.
        source: the pretrained model with its own head; None unless a method has `needs_source`.
        labeled: number of labelled examples; 0 if it is not known.
        unlabeled: number of unlabelled examples; 0 without any, or if they are a stream.
    """

    student: nn.Module
    width: int
    classes: int
    heads: tuple[str, ...] = ()
    source: nn.Module | None = None
    labeled: int = 0
    unlabeled: int = 0


@runtime_checkable
class LabeledBatches(Protocol):
    """Batches of the labelled data in the view without randomness, in a fixed random order."""

    def __iter__(self) -> Iterator[Stream]:
        """Yield every example once, in batches; each loop reads the data again."""

    def first(self, count: int) -> "LabeledBatches":
        """At most `count` examples, a random sample of all."""


@runtime_checkable
class PoolBatches(Protocol):
    """Batches of this rank's part of the unlabelled data."""

    @property
    def fewer(self) -> int:
        """How many batches less this part has than the largest one."""

    def __iter__(self) -> Iterator[Stream]:
        """Yield every example of the part once, in batches."""


@dataclass(frozen=True)
class SeenRows:
    """The n rows of a dataset as the student sees them before training.

    Args:
        features: what the classifier reads.
        embeddings: what the task reads from the last hidden states in its place, see `Task.embedding`; None if
            the task has nothing better.
        labels: their labels; placeholders for unlabelled rows.
        examples: the example of each row, as its place in the dataset.
    """

    features: Float[Tensor, "n d"]
    embeddings: Float[Tensor, "n e"] | None
    labels: Int[Tensor, "n"]
    examples: Int[Tensor, "n"]

    def map(self, change: Callable[[Tensor], Tensor]) -> "SeenRows":
        """The rows with each of their tensors changed."""
        embeddings = None if self.embeddings is None else change(self.embeddings)
        return SeenRows(change(self.features), embeddings, change(self.labels), change(self.examples))

    def read(self, *, embeddings: bool) -> Tensor:
        """The embeddings (n, e), or the features (n, d)."""
        if not embeddings:
            return self.features
        assert self.embeddings is not None
        return self.embeddings

    def beside(self, others: "SeenRows") -> "SeenRows":
        """These rows, then the others; both have embeddings, or none has."""
        mine, theirs = self.embeddings, others.embeddings
        return SeenRows(
            torch.cat([self.features, others.features]),
            None if mine is None or theirs is None else torch.cat([mine, theirs]),
            torch.cat([self.labels, others.labels]),
            torch.cat([self.examples, others.examples]),
        )

    def at(self, places: Tensor | slice) -> "SeenRows":
        """Some of the rows, in the order of their places."""
        return self.map(lambda values: values[places])


@dataclass(frozen=True)
class Spread:
    """What `start=propagate` knows before the first step.

    Args:
        labeled: the labelled rows.
        pool: the unlabelled rows of all ranks.
        predictions: probabilities (m, c) of the unlabelled rows' classes.
        source: which features the predictions come from, whether clouds corrected them, and why.
        clouds: whether clouds corrected them.
    """

    labeled: SeenRows
    pool: SeenRows
    predictions: Tensor
    source: str
    clouds: bool = True


@dataclass(frozen=True)
class Preparation:
    """What `Method.prepare` learns from: the student in eval mode and the data, without gradients.

    Args:
        student: the model as training begins.
        read: runs a model of the student's architecture and returns its rows.
        batches: the labelled data.
        pool: the unlabelled data in the same view, each rank's own part of it; None if there is none.
        names: one example for each class that holds its name; None if names do not count.
        spread: the pool's predicted labels, if a method has `start=propagate`.
        task: the task of the data.
    """

    student: nn.Module
    read: Read
    batches: LabeledBatches
    task: Task
    pool: PoolBatches | None = None
    names: LabeledBatches | None = None
    spread: Spread | None = None

    @cached_property
    def pool_rows(self) -> SeenRows:
        """The rows of the pool on all ranks, read once; a rank may have no part of a small pool.

        Every rank must ask for them, and there must be a pool.
        """
        if self.spread is not None:
            return self.spread.pool
        assert self.pool is not None
        sample = self.batches.first(1)
        first = self.seen(sample).at(slice(0))  # it has the widths, also where no batch follows
        rows = self.seen(self.pool, first)
        for _ in range(self.pool.fewer if is_sliced(self.student) else 0):
            self.seen(sample)  # each pass of a sharded student needs all ranks
        return rows.map(gather_rows)

    def seen(self, batches: Iterable[Stream], none: SeenRows | None = None) -> SeenRows:
        """All rows of some batches as the student sees them; without any, those of `none`, which has no row."""
        features, embeddings, labels, examples = [], [], [], []
        for batch in batches:
            with last_hidden_states(self.student) as hidden:
                features.append(self.rows(batch).features)
            embedding = self.task.embedding(hidden[-1], batch.views[PLAIN]) if hidden else None
            embeddings += [] if embedding is None else [embedding]
            labels.append(self.labels(batch))
            assert batch.examples is not None
            examples.append(batch.examples)
        if none is not None and not features:
            return none
        found = torch.cat(embeddings) if embeddings else None
        return SeenRows(torch.cat(features), found, torch.cat(labels), torch.cat(examples))

    def rows(self, batch: Stream) -> Rows:
        """Rows of the student on a batch."""
        return self.read(self.student, batch.views[PLAIN], batch.rows)

    @staticmethod
    def labels(batch: Stream) -> Tensor:
        """Labels of the batch's rows (n,)."""
        assert batch.labels is not None
        return batch.labels
