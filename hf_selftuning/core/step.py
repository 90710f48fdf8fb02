"""Step: what a method sees of one micro-batch of both streams."""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..distributed import sum_over_ranks
from ..modules.classifier import Rows
from ..modules.reference_model import kept_statistics
from ..modules.slices import is_sliced, own_slice
from .views import PLAIN as PLAIN  # `as` exports it again, for the authors of methods
from .views import VIEW_KINDS as VIEW_KINDS
from .views import Views as Views
from .views import check_stream, check_view

Select = Callable[[Tensor, Tensor | None], Tensor]
Read = Callable[[nn.Module, Mapping[str, Any], Tensor | None], Rows]


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far training is.

    Args:
        step: finished optimizer steps.
        total: optimizer steps of the whole training.
    """

    step: int
    total: int


@dataclasses.dataclass(frozen=True)
class Stream:
    """One micro-batch of one stream: the same examples in several views. Row i is the same row in each view.

    Args:
        views: model inputs by the name of the view.
        rows: positions of the rows in a model output, or None if each example is a row.
        labels: labels of the rows (n,); None for the unlabelled stream.
        weight: weight of one row, with which `Step.mean` is the mean over the whole optimizer step.
        given: the labels as the collator made them, for a supervised loss of the script's own; else None.
        examples: the example of each row (n,), as its place in the dataset; in a stream, its position.
        taught: probabilities of the rows by each teacher (n, t, c), which teachers gave before training; else None.
    """

    views: Mapping[str, Mapping[str, Any]]
    rows: Tensor | None
    labels: Tensor | None
    weight: Tensor | float
    given: Any = None
    examples: Tensor | None = None
    taught: Tensor | None = None

    @classmethod
    def of(cls, part: Mapping[str, Any]) -> "Stream":
        """One stream of a batch as `PairCollator` makes it, with the `weight` of a row beside."""
        optional = {name: part.get(name) for name in ("rows", "labels", "given", "examples", "taught")}
        return cls(part["views"], weight=part["weight"], **optional)


class Step:
    """One micro-batch; the student runs once on each view, however many methods need that view.

    Args:
        student: the model that is trained.
        read: reads the rows of a model of the student's kind.
        select: takes the rows out of a model output.
        streams: `labeled`, and `unlabeled` if unlabelled data is given.
        labeled_view: the view that the supervised loss sees.
        progress: where training is.
        label_smoothing: label smoothing of the supervised loss.
        one_shape: see `Task.one_shape`.
    """

    def __init__(
        self,
        student: nn.Module,
        *,
        read: Read,
        select: Select,
        streams: Mapping[str, Stream],
        labeled_view: str,
        progress: Progress,
        label_smoothing: float = 0.0,
        one_shape: bool = True,
    ) -> None:
        self.labeled_view, self.progress = labeled_view, progress
        self.method = "A method"
        """Name of the method whose terms are computed now, for error messages; the objective sets it."""
        self.reported: list[tuple[Tensor, Tensor]] = []
        """Pseudo-labels (n,) that methods reported, and which of them are used (n,)."""
        self._student, self._read, self._select = student, read, select
        self._streams, self._label_smoothing, self._one_shape = streams, label_smoothing, one_shape
        # A pass of a sharded student replaces its parameters by whole ones, which have no gradient afterwards.
        self._slices = dict(student.named_parameters()) if is_sliced(student) else None
        # Two caches: a loss that needs gradients must not get rows that were computed without them.
        self._seen: dict[tuple[str, str], Rows] = {}
        self._guessed: dict[tuple[str, str], Rows] = {}

    @property
    def labels(self) -> Tensor:
        """Labels of the labelled rows (n,)."""
        labels = self._streams["labeled"].labels
        assert labels is not None
        return labels

    @property
    def given_labels(self) -> Any:
        """Labels of the labelled examples as the collator made them, which a model's own loss reads."""
        return self._streams["labeled"].given

    @property
    def taught(self) -> Tensor:
        """Probabilities of the unlabelled rows by each teacher (n, t, c), in float32.

        Raises:
            ValueError: no method names teachers.
        """
        taught = self._streams["unlabeled"].taught if self.has_unlabeled else None
        if taught is None:
            raise ValueError(
                f"{self.method} reads what teachers say of the unlabelled data, and no method names teachers; put "
                "generation beside it, with teachers=folder;folder, or after a stage that trains them "
                "(--stages 'fine_tuning*3' generation+self_tuning)."
            )
        # They are stored in half precision, and losses are computed in float32.
        return taught.float()

    @property
    def has_unlabeled(self) -> bool:
        """Whether the step has unlabelled examples."""
        return "unlabeled" in self._streams

    @property
    def trained(self) -> dict[str, Tensor]:
        """The student's parameters that are trained, by name; of a sharded student, this rank's slices of them."""
        named = self._student.named_parameters() if self._slices is None else self._slices.items()
        return {name: own_slice(p) for name, p in named if p.requires_grad}

    def head_parameters(self, heads: tuple[str, ...]) -> dict[str, Tensor]:
        """The trained parameters, by name, of the layers at these paths, such as `BuildContext.heads`."""
        inside = tuple(f"{path}." for path in heads)
        return {name: parameter for name, parameter in self.trained.items() if name.startswith(inside)}

    def module(self, path: str) -> nn.Module:
        """A module of the student by its path, such as the classifier at one of `BuildContext.heads`."""
        return self._student.get_submodule(path)

    def student(self, stream: str, view: str) -> Rows:
        """Rows of the student on a view, with gradients."""
        if (stream, view) not in self._seen:
            self._seen[stream, view] = self.through(self._student, stream, view)
        return self._seen[stream, view]

    def keep(self, stream: str, view: str, rows: Rows) -> None:
        """Keep the rows of a pass of the student that was made elsewhere, so that it is not run again."""
        self._seen[stream, view] = rows

    def guess(self, stream: str, view: str) -> Rows:
        """Rows of the student on a view, without gradients, to compute targets from them.

        If the student has already run on this view with gradients, that pass is used.
        """
        if (stream, view) in self._seen:
            # A second pass would cost as much again, and move BatchNorm's running statistics once more.
            rows = self._seen[stream, view]
            return Rows(rows.features.detach(), rows.logits.detach())
        if (stream, view) not in self._guessed:
            with torch.no_grad():
                self._guessed[stream, view] = self.through(self._student, stream, view)
        return self._guessed[stream, view]

    def inputs(self, stream: str, view: str) -> Mapping[str, Any]:
        """Model inputs of a view, for a method that makes its own inputs from them.

        Raises:
            ValueError: the method's `views` did not name the view, or there is none of that name.
        """
        check_stream(self.method, stream)
        there = self._streams[stream].views if stream in self._streams else {}
        if view not in there:
            check_view(self.method, stream, view)
            raise ValueError(
                f"{self.method} asks for the view {view!r} of the {stream} stream, which has "
                f"{', '.join(there) or 'no view'}; return Views({stream}=({view!r},)) from its method `views`"
                f"{', and ask step.has_unlabeled first where needs_unlabeled is False' if not there else ''}."
            )
        return there[view]

    def _stream(self, stream: str) -> Stream:
        check_stream(self.method, stream)
        if stream not in self._streams:
            raise ValueError(
                f"{self.method} asks for the {stream} stream, and this step has none; ask step.has_unlabeled first."
            )
        return self._streams[stream]

    def student_on(self, inputs: Mapping[str, Any]) -> Rows:
        """Rows of the student on inputs that the method made, with gradients; each example must be a row."""
        return self._read(self._student, inputs, None)

    def through(self, model: nn.Module, stream: str, view: str) -> Rows:
        """Rows of another model of the student's architecture: a key encoder, a teacher."""
        return self._read(model, self.inputs(stream, view), self._stream(stream).rows)

    def again(self, stream: str, view: str) -> Rows:
        """Rows of a further pass of the student on a view, with gradients: another draw of its dropout."""
        return self.through(self._student, stream, view)

    def together(self, *views: tuple[str, str]) -> list[Rows]:
        """Rows of each of several views, named by stream and view, from one pass of the student over all of them.

        So BatchNorm normalises them as one batch. Where examples have lengths (sentences, texts), each view is a pass
        of its own; networks for them have no BatchNorm.
        """
        # Not where lengths happen to be equal: ranks that run different numbers of passes would wait for each other.
        if not self._one_shape:
            return [self.again(*view) for view in views]
        inputs = [self.inputs(*view) for view in views]
        joined = self.student_on({name: torch.cat([part[name] for part in inputs]) for name in inputs[0]})
        sizes = [len(next(iter(part.values()))) for part in inputs]
        parts = zip(joined.features.split(sizes), joined.logits.split(sizes), strict=True)
        return [Rows(features, logits) for features, logits in parts]

    def keeping_statistics(self) -> AbstractContextManager[None]:
        """While the context lasts, passes of the student leave BatchNorm's running statistics as they are."""
        return kept_statistics(self._student)

    def logits(self, model: nn.Module, stream: str, view: str) -> Tensor:
        """Logits (n, c) of the rows from a model with the same classes; its architecture may be another."""
        return self._select(model(**self.inputs(stream, view)).logits, self._stream(stream).rows)

    def rows(self, stream: str) -> Tensor | None:
        """Positions of a stream's rows in a model output, or None if each example is a row."""
        return self._stream(stream).rows

    def examples(self, stream: str) -> Tensor:
        """The example of each row (n,), as its place in the user's dataset; a method can keep what it knows of it."""
        examples = self._stream(stream).examples
        assert examples is not None
        return examples

    def total(self, value: Tensor) -> Tensor:
        """A penalty on weights, computed from `trained`: of a sharded student, the sum of the ranks' values.

        Each rank's gradient is that of its own slices.
        """
        if self._slices is None:
            return value
        if value.is_cuda:
            # FSDP2 writes gradients on a CUDA stream of its own. Autograd must wait before it adds the penalty's.
            value.register_hook(lambda _: torch.cuda.synchronize())
        # The bracket has no gradient. It makes the value that of all ranks, and leaves the gradient as it is.
        return value + (sum_over_ranks(value.detach()) - value.detach())

    def mean(self, stream: str, values: Tensor) -> Tensor:
        """Mean of one value for each row (n,), over all rows of the optimizer step.

        This micro-batch returns its part; the parts of all ranks and micro-batches together make the mean.
        """
        # A sum and not a mean, because `weight` holds the number of rows of the whole step, see `row_weights`.
        return values.sum() * self._stream(stream).weight

    def supervised_losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of each row (n,) with labels (n,) or distributions (n, c), in float32."""
        # Targets of an integer type are classes for `F.cross_entropy`, and targets of a floating type are
        # distributions.
        return F.cross_entropy(logits.float(), targets, reduction="none", label_smoothing=self._label_smoothing)

    def report_pseudo_labels(self, labels: Tensor, used: Tensor) -> None:
        """Report the method's pseudo-labels (n,), which are integers, and which of them it uses (n,), for the log."""
        self.reported.append((labels, used))
