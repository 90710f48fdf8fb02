"""Method: named loss terms over rows, with the state they need."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from .rows import Rows
from .settings import check_types
from .settings import setting as setting

Read = Callable[[nn.Module, Mapping[str, Any], Tensor | None], Rows]


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


class Step:
    """What a method sees of one micro-batch: rows of the student, made once however many methods ask."""

    def __init__(
        self,
        student: nn.Module,
        read: Read,
        streams: Mapping[str, Stream],
        labeled_view: str,
        progress: Progress,
    ) -> None:
        self.read, self.streams = read, streams
        self.labeled_view, self.progress = labeled_view, progress
        self.pseudo_labels: list[tuple[Tensor, Tensor]] = []
        self._student = student
        self._seen: dict[tuple[str, str], Rows] = {}

    @property
    def labels(self) -> Tensor:
        """Labels of the labelled rows (n,)."""
        labels = self.streams["labeled"].labels
        assert labels is not None
        return labels

    @property
    def has_unlabeled(self) -> bool:
        """Whether unlabelled examples are there."""
        return "unlabeled" in self.streams

    def student(self, stream: str, view: str) -> Rows:
        """Rows of the student on a view, with gradients."""
        if (stream, view) not in self._seen:
            self._seen[stream, view] = self.through(self._student, stream, view)
        return self._seen[stream, view]

    def through(self, model: nn.Module, stream: str, view: str) -> Rows:
        """Rows of another model of the student's kind: a key encoder, a teacher."""
        batch = self.streams[stream]
        return self.read(model, batch.views[view], batch.rows)

    def mean(self, stream: str, values: Tensor) -> Tensor:
        """Mean of a value a row (n,) over all rows of the optimizer step, on all ranks and micro-batches."""
        return values.sum() * self.streams[stream].weight

    def report_pseudo_labels(self, labels: Tensor, used: Tensor) -> None:
        """Tell which pseudo-labels (n,) were given and which of them are used (n,), to be logged."""
        self.pseudo_labels.append((labels.detach(), used.detach()))


@dataclasses.dataclass(kw_only=True, eq=False)
class Method(nn.Module, ABC):
    """Named loss terms plus their own state; never owns the student, the data or the loop.

    A subclass is a dataclass whose fields are its settings with the paper's defaults. Trained parts and
    buffers are made in `build`; all of them are saved beside the checkpoint.
    """

    title: ClassVar[str]
    paper: ClassVar[str]
    needs_unlabeled: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"paper": {}}
    family: ClassVar[str]
    """TL, SSL or ours: the group of rows in the paper's tables; by `needs_unlabeled` where a method names none."""

    preset: str = setting("paper", "name of the preset the settings come from, for tables")

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if "family" not in vars(cls):
            cls.family = "SSL" if cls.needs_unlabeled else "TL"

    def __post_init__(self) -> None:
        super().__init__()
        check_types(self)

    @classmethod
    def from_preset(cls, preset: str, **settings: Any) -> "Method":
        """The method with a named preset's settings, single ones replaced."""
        if preset not in cls.presets:
            raise ValueError(f"{cls.__name__} has no preset {preset!r}; it has {', '.join(cls.presets)}.")
        names = {field.name for field in dataclasses.fields(cls)}
        for name in settings:
            if name not in names:
                known = ", ".join(sorted(names - {"preset"}))
                raise ValueError(f"{cls.__name__} has no setting {name!r}; it has {known}.")
        return cls(**{"preset": preset, **cls.presets[preset], **settings})

    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @abstractmethod
    def views(self, labeled_view: str) -> Views:
        """The views it wants, `labeled_view` being the one the supervised loss sees."""

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """Make the state it needs for this student."""

    @abstractmethod
    def terms(self, step: Step) -> dict[str, Tensor]:
        """Weighted loss terms by name, each a scalar; they are summed, and logged as `loss_<name>`."""

    def after_step(self, student: nn.Module, progress: Progress) -> None:
        """Move EMA copies and queues, once the optimizer has stepped and `progress.step` steps are finished."""

    def reset_step(self) -> None:
        """Forget what was gathered for a step that the optimizer skipped."""


def all_views(methods: Iterable[Method], labeled_view: str) -> Views:
    """What the supervised loss and several methods want together, each view once."""
    wanted = [Views((labeled_view,)), *(method.views(labeled_view) for method in methods)]
    labeled = dict.fromkeys(view for views in wanted for view in views.labeled)
    unlabeled = dict.fromkeys(view for views in wanted for view in views.unlabeled)
    return Views(tuple(labeled), tuple(unlabeled))
