"""Method: named loss terms over rows, with the state they need."""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from ..functional.pseudo_labels import best_class
from ..modules.running_mean import RunningMean
from .settings import check_settings, nearest
from .settings import choice as choice
from .settings import positive as positive
from .settings import setting as setting
from .settings import share as share
from .step import Preparation, Progress, Step, Views


@dataclasses.dataclass(kw_only=True, eq=False)
class Method(nn.Module, ABC):
    """Named loss terms plus their own state; never owns the student, the data or the loop.

    A subclass is a dataclass whose fields are its settings with the paper's defaults. Trained parts and
    buffers are made in `build`; all of them are saved beside the checkpoint.
    """

    title: ClassVar[str]
    paper: ClassVar[str]
    needs_unlabeled: ClassVar[bool] = True
    needs_source: ClassVar[bool] = False
    """Whether it learns from the pretrained model's own head, which the trainer is then given as `source_model`."""
    decays_weights: ClassVar[bool] = False
    """Whether it holds the weights back itself, so that weight_decay should be 0."""
    pretrains: ClassVar[bool] = False
    """Whether, as a stage alone, it trains without the supervised loss, for the stages behind it."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"paper": {}}
    without_meaning: ClassVar[Mapping[str, str]] = {}
    """Kinds of data (a task's `preset`) for which it has no meaning: the reason, and what to take instead."""
    queues_pseudo_labels: ClassVar[bool] = False
    """Whether rows enter class queues under the pseudo-labels that it reports, for figures of their purity."""
    family: ClassVar[str]
    """TL, SSL or ours: the group of rows in the paper's tables; by `needs_unlabeled` where a method names none."""

    preset: str = setting("paper", "name of the preset the settings come from, for tables")
    warmup_ratio: float = setting(0.0, "share of the steps with cross-entropy alone, before the terms begin")
    ramp_ratio: float = share(0.0, "share of the steps over which the terms then rise from 0 to their weights")
    probe_head: bool = setting(
        False, "the classifier begins as logistic regression on the labelled rows' pretrained features, not at random"
    )

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if "family" not in vars(cls):
            cls.family = "SSL" if cls.needs_unlabeled else "TL"

    def __post_init__(self) -> None:
        super().__init__()
        check_settings(self)
        if not 0 <= self.warmup_ratio < 1:
            raise ValueError(f"warmup_ratio={self.warmup_ratio} leaves no step to {self.title}; it must be in [0, 1).")
        self.heads: tuple[str, ...] = ()
        """Paths of the student's layers that make the logits; known when `build` is called."""
        self.kept: tuple[str, ...] = ()
        """Paths of the student's modules whose outputs its rows keep, under `Rows.kept`; `build` may name some."""

    @classmethod
    def from_preset(cls, preset: str, **settings: Any) -> "Method":
        """The method with a named preset's settings, single ones replaced."""
        if preset not in cls.presets:
            raise ValueError(f"{cls.__name__} has no preset {preset!r}; it has {', '.join(cls.presets)}.")
        names = {field.name for field in dataclasses.fields(cls)}
        for name in settings:
            if name not in names:
                known = ", ".join(sorted(names - {"preset"}))
                raise ValueError(f"{cls.__name__} has no setting {name!r}{nearest(name, names)}; it has {known}.")
        return cls(**{"preset": preset, **cls.presets[preset], **settings})

    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def check_meaning(self, kind: str) -> None:
        """Refuse data for which the method has no meaning.

        Args:
            kind: the task's `preset`, `images` or `words`.
        """
        if kind in self.without_meaning:
            raise ValueError(f"{self.title} has no meaning for {kind}: {self.without_meaning[kind]}.")

    def steps_since_warmup(self, progress: Progress) -> int:
        """Finished steps since the warm-up ended; negative while it lasts."""
        return progress.step - math.ceil(self.warmup_ratio * progress.total)

    def ramped(self, progress: Progress) -> float:
        """Share of their weights that the terms have after the warm-up, by `ramp`."""
        return ramp(self.steps_since_warmup(progress), self.ramp_ratio * progress.total)

    @abstractmethod
    def views(self, labeled_view: str) -> Views:
        """The views it wants, `labeled_view` being the one the supervised loss sees."""

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """Make the state it needs for this student."""

    def take_source(self, source: nn.Module) -> None:
        """Keep what it needs of the pretrained model with its own head; called before `build` if `needs_source`."""

    def pretrained_parts(self) -> Iterable[nn.Module]:
        """Parts of its own that come pretrained, and learn at the student's rate rather than the head's."""
        return ()

    def prepare(self, preparation: Preparation) -> None:
        """Learn from the labelled data, once, before the first step; into buffers, for a resumed run does not."""

    @abstractmethod
    def terms(self, step: Step) -> dict[str, Tensor]:
        """Weighted loss terms by name, each a scalar; they are summed, and logged as `loss_<name>`.

        Not asked for during the warm-up, and scaled by `ramped` afterwards. A term named `supervised` stands
        in the place of the plain cross-entropy on the labelled rows, and is not scaled.
        """

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Labels (n,) it would give the student's logits (n, c), and whether it uses them (n,); nothing is remembered.

        For figures on examples whose labels are known. Here the most probable class, used from `threshold` on where
        the method has such a setting.
        """
        confidence, labels = best_class(logits)
        return labels, confidence >= (self.settings().get("threshold") or 0.0)

    def after_step(self, student: nn.Module, progress: Progress) -> None:
        """Move what follows, once the optimizer has stepped and `progress.step` steps are finished.

        Here every `RunningMean` of the method. One that has EMA copies or queues extends it and calls it first.
        """
        for mean in self._running_means():
            mean.settle()

    def reset_step(self) -> None:
        """Forget what was gathered for a step that is not taken: here by every `RunningMean`, and extended alike."""
        for mean in self._running_means():
            mean.forget()

    def _running_means(self) -> list[RunningMean]:
        return [part for part in self.modules() if isinstance(part, RunningMean)]


def ramp(step: int, length: float) -> float:
    """Rises linearly from 0 at step 0 to 1 at step `length`; 1 throughout where the length is 0."""
    return min(1.0, max(0, step) / length) if length > 0 else 1.0


def all_views(methods: Iterable[Method], labeled_view: str) -> Views:
    """What the supervised loss and several methods want together, each view once."""
    wanted = [Views((labeled_view,)), *(method.views(labeled_view) for method in methods)]
    labeled = dict.fromkeys(view for views in wanted for view in views.labeled)
    unlabeled = dict.fromkeys(view for views in wanted for view in views.unlabeled)
    return Views(tuple(labeled), tuple(unlabeled))
