"""What a method sees: one micro-batch of both streams as a Step, and the labelled data before training."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..modules.classifier import Rows

Select = Callable[[Tensor, Tensor | None], Tensor]
Read = Callable[[nn.Module, Mapping[str, Any], Tensor | None], Rows]
VIEW_KINDS = ("weak", "strong")
PLAIN = "plain.0"
"""The view without chance, in which methods look at the labelled data before training."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """Finished optimizer steps, and how many there will be."""

    step: int
    total: int


@dataclasses.dataclass(frozen=True)
class Stream:
    """One micro-batch of one stream: the same examples in several views, row i the same row in each.

    Args:
        views: name of the view -> model inputs.
        rows: where the rows are in a model output, or None where each example is one.
        labels: labels of the rows (n,); None for the unlabelled stream.
        weight: what one row counts, so that the mean over a whole optimizer step comes out however it was cut.
    """

    views: Mapping[str, Mapping[str, Any]]
    rows: Tensor | None
    labels: Tensor | None
    weight: Tensor | float


@dataclasses.dataclass(frozen=True)
class Views:
    """Names of the views a method wants of each stream."""

    labeled: tuple[str, ...] = ()
    unlabeled: tuple[str, ...] = ()


@runtime_checkable
class LabeledBatches(Protocol):
    """The labelled data in a view without chance, in a random order that is always the same."""

    def __iter__(self) -> Iterator[Stream]:
        """Every example once; each loop reads the data anew."""

    def first(self, count: int) -> "LabeledBatches":
        """At most so many examples, a fair sample of all."""


@dataclasses.dataclass(frozen=True)
class Preparation:
    """What a method sees before training: the student in eval mode, and the labelled data without chance or gradients.

    Args:
        student: as training begins.
        read: rows of a model of its kind.
        batches: the labelled data.
    """

    student: nn.Module
    read: Read
    batches: LabeledBatches

    def rows(self, batch: Stream) -> Rows:
        """Rows of the student."""
        return self.read(self.student, batch.views[PLAIN], batch.rows)

    @staticmethod
    def labels(batch: Stream) -> Tensor:
        """Their labels (n,)."""
        assert batch.labels is not None
        return batch.labels


class Step:
    """What a method sees of one micro-batch: rows of the student, made once however many methods ask."""

    def __init__(
        self,
        student: nn.Module,
        read: Read,
        streams: Mapping[str, Stream],
        labeled_view: str,
        progress: Progress,
        select: Select,
        label_smoothing: float = 0.0,
    ) -> None:
        self.read, self.streams, self.select = read, streams, select
        self.labeled_view, self.progress, self.label_smoothing = labeled_view, progress, label_smoothing
        self.pseudo_labels: list[tuple[Tensor, Tensor]] = []
        self._student = student
        self._seen: dict[tuple[str, str], Rows] = {}
        self._guessed: dict[tuple[str, str], Rows] = {}

    @property
    def labels(self) -> Tensor:
        """Labels of the labelled rows (n,)."""
        labels = self.streams["labeled"].labels
        assert labels is not None
        return labels

    @property
    def trained(self) -> dict[str, nn.Parameter]:
        """The student's parameters that are trained, by name."""
        return {name: p for name, p in self._student.named_parameters() if p.requires_grad}

    def head_parameters(self, heads: tuple[str, ...]) -> dict[str, nn.Parameter]:
        """Those of the layers that make the logits, by name."""
        inside = tuple(f"{path}." for path in heads)
        return {name: parameter for name, parameter in self.trained.items() if name.startswith(inside)}

    def module(self, path: str) -> nn.Module:
        """A module of the student, such as the classifier under a method's `heads`."""
        return self._student.get_submodule(path)

    @property
    def has_unlabeled(self) -> bool:
        """Whether unlabelled examples are there."""
        return "unlabeled" in self.streams

    def student(self, stream: str, view: str) -> Rows:
        """Rows of the student on a view, with gradients."""
        if (stream, view) not in self._seen:
            self._seen[stream, view] = self.through(self._student, stream, view)
        return self._seen[stream, view]

    def guess(self, stream: str, view: str) -> Rows:
        """Rows of the student on a view whose targets are read off them, without gradients; made once too."""
        if (stream, view) in self._seen:
            rows = self._seen[stream, view]
            return Rows(rows.features.detach(), rows.logits.detach())
        if (stream, view) not in self._guessed:
            with torch.no_grad():
                self._guessed[stream, view] = self.through(self._student, stream, view)
        return self._guessed[stream, view]

    def inputs(self, stream: str, view: str) -> Mapping[str, Any]:
        """Model inputs of a view, for a method that makes its own of them."""
        return self.streams[stream].views[view]

    def student_on(self, inputs: Mapping[str, Any]) -> Rows:
        """Rows of the student on inputs that the method made, each example a row; with gradients."""
        return self.read(self._student, inputs, None)

    def through(self, model: nn.Module, stream: str, view: str) -> Rows:
        """Rows of another model of the student's kind: a key encoder, a teacher."""
        return self.read(model, self.inputs(stream, view), self.streams[stream].rows)

    def logits(self, model: nn.Module, stream: str, view: str) -> Tensor:
        """Logits (n, c) of the rows by any model that tells the same classes apart, of another architecture too."""
        batch = self.streams[stream]
        return self.select(model(**batch.views[view]).logits, batch.rows)

    def mean(self, stream: str, values: Tensor) -> Tensor:
        """Mean of a value a row (n,) over all rows of the optimizer step, on all ranks and micro-batches."""
        return values.sum() * self.streams[stream].weight

    def supervised_losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of each row (n,) with labels (n,) or distributions (n, c), in float32."""
        return F.cross_entropy(logits.float(), targets, reduction="none", label_smoothing=self.label_smoothing)

    def report_pseudo_labels(self, labels: Tensor, used: Tensor) -> None:
        """Tell which pseudo-labels (n,) were given and which of them are used (n,), to be logged."""
        self.pseudo_labels.append((labels.detach(), used.detach()))
