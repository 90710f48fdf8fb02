"""Method: named loss terms over rows, with the state they need."""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, final

from torch import Tensor, nn

from ..functional.pseudo_labels import best_class
from ..modules.head_start import STARTS
from ..modules.part import Part
from .preparation import BuildContext, Preparation
from .settings import BETWEEN_FOLDERS, FromStage, check_settings, folder_names, marked
from .settings import choice as choice  # `as` exports it again, for the authors of methods
from .settings import non_negative as non_negative
from .settings import positive as positive
from .settings import setting as setting
from .settings import share as share
from .settings import threshold_setting as threshold_setting
from .spelling import did_you_mean
from .step import Progress, Step, Views
from .views import check_views


# A dataclass with `__eq__` has no hash, and sets of modules, such as those of `nn.Module` itself, need one.
@dataclasses.dataclass(kw_only=True, eq=False)
class Method(nn.Module, ABC):
    """Named loss terms over rows, and their state. A row is what gets a label: an image or a word.

    A method holds neither the data nor the training loop. A subclass is a dataclass whose fields are its settings,
    with the paper's defaults. It makes trained layers, buffers and parts in `build`; all of them are saved beside the
    checkpoint.
    """

    title: ClassVar[str]
    """Name in tables and messages, as the paper writes it."""
    paper: ClassVar[str]
    """Link to the paper."""
    needs_unlabeled: ClassVar[bool] = True
    """Whether training without unlabelled data is refused."""
    needs_source: ClassVar[bool] = False
    """Whether it learns from the pretrained model's own head; then the trainer needs `source_model`."""
    decays_weights: ClassVar[bool] = False
    """Whether it regularises the weights itself, so that `weight_decay` should be 0."""
    pretrains: ClassVar[bool] = False
    """Whether it pretrains: a stage with this method alone has no supervised loss, and prepares later stages."""
    reads_pool: ClassVar[bool] = False
    """Whether `prepare` reads the unlabelled data, which must then have a length: `Preparation.pool`."""
    # Without ClassVar, because a method that has teachers makes a setting of it.
    legal_tags = False
    """Whether what its teachers say of a row fits what they say of the example's other rows, see `Task.legal`."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"paper": {}}
    """Settings of each preset by its name: `paper`, and recommended ones for some data, such as a task's `kind`."""
    without_meaning: ClassVar[Mapping[str, str]] = {}
    """Kinds of data (a task's `kind`) that it cannot learn from, each with the reason and another method to take."""
    queues_pseudo_labels: ClassVar[bool] = False
    """Whether it enqueues rows under the pseudo-labels that it reports; then the purity of its queues is logged."""
    family: ClassVar[str]
    """Group of methods in the paper's tables: TL (transfer learning), SSL (semi-supervised learning) or ours.

    A method that names none is SSL if it has `needs_unlabeled`, and TL otherwise.
    """

    preset: str = setting("paper", "name of the preset that the settings come from; tables show it")
    warmup_ratio: float = setting(0.0, "share of the steps with cross-entropy alone, before the terms begin")
    ramp_ratio: float = share(0.0, "share of the steps, after the warm-up, over which the terms rise to their weights")
    start: str = choice(
        "none",
        STARTS,
        "what the classifier begins as: none (as it came), probe (logistic regression on pretrained features of the "
        "labelled rows) or propagate (also of the unlabelled rows, labelled by their nearest neighbours)",
    )
    name_examples: bool = setting(
        False, "whether start=propagate counts the name of each class as one more labelled text, where that helps"
    )

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # `vars` and not `hasattr`: a subclass of another method may differ from it in `needs_unlabeled`.
        if "family" not in vars(cls):
            cls.family = "SSL" if cls.needs_unlabeled else "TL"

    def __post_init__(self) -> None:
        # The generated `__init__` of a dataclass does not call that of nn.Module, and has set the fields already.
        # Therefore fields must be plain values, and layers are made in `build`.
        super().__init__()
        check_settings(self)
        if not 0 <= self.warmup_ratio < 1:
            raise ValueError(
                f"warmup_ratio={self.warmup_ratio} leaves no step for {self.title}; it must be in [0, 1)."
            )
        if self.name_examples and self.start != "propagate":
            raise ValueError(
                f"name_examples=True gives start=propagate the names of the classes, and start is {self.start}; add "
                "start=propagate, or leave name_examples out."
            )
        self.kept: tuple[str, ...] = ()
        """Paths of student modules whose outputs every forward pass puts in `Rows.kept`; set in `build`."""

    @classmethod
    def from_preset(cls, preset: str, **settings: Any) -> "Method":
        """Make the method with the settings of a preset; `settings` replace single ones.

        Raises:
            ValueError: the method has no such preset or setting.
        """
        if preset not in cls.presets:
            raise ValueError(f"{cls.__name__} has no preset {preset!r}; it has {', '.join(cls.presets)}.")
        names = {field.name for field in dataclasses.fields(cls)}
        for name in settings:
            if name not in names:
                known = ", ".join(sorted(names - {"preset"}))
                raise ValueError(f"{cls.__name__} has no setting {name!r}; it has {known}.{did_you_mean(name, names)}")
        return cls(**{"preset": preset, **cls.presets[preset], **settings})

    # ---- what a method may override ----

    def views(self) -> Views:
        """The views that it needs beside the view of the supervised loss; none by default."""
        return Views()

    def build(self, context: BuildContext) -> None:
        """Make its state for a student: projectors, copies, queues, buffers."""

    def pretrained_parts(self) -> Iterable[nn.Module]:
        """Its own layers that are already pretrained, so they train at the student's learning rate, not the head's."""
        return ()

    def prepare(self, preparation: Preparation) -> None:
        """Learn from the labelled data, once, before the first step.

        A resumed run skips this, so keep the results in buffers, which checkpoints hold.
        """

    @abstractmethod
    def terms(self, step: Step) -> dict[str, Tensor]:
        """Weighted loss terms by name, each a scalar; they are summed, and logged as `loss_<name>`.

        The objective leaves them out during the warm-up and scales them by `ramped` afterwards. A term named
        `supervised` replaces the plain cross-entropy on the labelled rows, and is not scaled.
        """

    def averaged(self) -> nn.Module | None:
        """A copy of the student whose weights are evaluated, and saved in the end, in place of the student's own.

        Made in `build`; it counts from the end of the warm-up on. None, the default, leaves the student as it is.
        """
        return None

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The method's rule: labels (n,) for the student's logits (n, c), and whether it uses them (n,).

        The library also calls this on examples with known labels, to measure the pseudo-labels, so it must not change
        any state. By default the label is the most probable class. It is used if its probability reaches the method's
        `threshold_setting`; a method without one uses every label.
        """
        confidence, labels = best_class(logits)
        return labels, confidence >= self.threshold_value

    # ---- what the library calls ----

    def settings(self) -> dict[str, Any]:
        """All settings by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def recorded_settings(self) -> dict[str, Any]:
        """As `settings`, for a record that others read: a folder of this machine is its last name alone."""
        return {
            name: folder_names(value) if isinstance(value, str) else value for name, value in self.settings().items()
        }

    @classmethod
    def settings_from_stage(cls, left: FromStage) -> list[str]:
        """Names of the settings that an earlier stage fills with what it leaves: `left`."""
        return marked(cls, "from_stage", left)

    @property
    def lacks_teacher(self) -> bool:
        """Whether it needs a trained classifier as its teacher, and none is given."""
        names = [*self.settings_from_stage("classifier"), *self.settings_from_stage("classifiers")]
        return any(getattr(self, name) is None for name in names)

    @property
    def teacher_folders(self) -> tuple[str, ...]:
        """Folders of the teachers that see the unlabelled data once, before training; then `Step.taught` is there."""
        texts = [getattr(self, name) for name in self.settings_from_stage("classifiers")]
        return tuple(folder for text in texts if text is not None for folder in text.split(BETWEEN_FOLDERS))

    @property
    def threshold_value(self) -> float:
        """Least confidence that a pseudo-label needs to be used; 0 if the method has no such setting."""
        # None counts as 0, with which every pseudo-label is used.
        return max((getattr(self, name) or 0.0 for name in marked(self, "is_threshold", True)), default=0.0)

    def check_meaning(self, kind: str) -> None:
        """Refuse data that the method cannot learn from.

        Args:
            kind: the task's `kind`: `images`, `texts` or `words`.

        Raises:
            ValueError: it cannot learn from that kind; the message gives the reason and another method.
        """
        if kind in self.without_meaning:
            raise ValueError(f"{self.title} has no meaning for {kind}: {self.without_meaning[kind]}.")

    def steps_since_warmup(self, progress: Progress) -> int:
        """Finished steps since the warm-up ended; negative during the warm-up."""
        # Rounded up, so that a warm-up of any length above 0 has at least one step.
        return progress.step - math.ceil(self.warmup_ratio * progress.total)

    def ramped(self, progress: Progress) -> float:
        """Factor of the terms' weights now: it rises from 0 to 1 after the warm-up, see `ramp`."""
        return ramp(self.steps_since_warmup(progress), self.ramp_ratio * progress.total)

    @final
    def begin(self) -> None:
        """Call `begin` of every part; an EMA copy, for example, copies the student's weights again."""
        for part in self._parts():
            part.begin()

    @final
    def settle(self, progress: Progress) -> None:
        """Call `settle` of every part, after an optimizer step; `progress.step` already counts that step."""
        for part in self._parts():
            part.settle(self.steps_since_warmup(progress))

    @final
    def forget(self) -> None:
        """Call `forget` of every part, which drops what it gathered for a step that is not taken."""
        for part in self._parts():
            part.forget()

    def _parts(self) -> list[Part]:
        return [module for module in self.modules() if isinstance(module, Part)]


def ramp(step: int, length: float) -> float:
    """A factor that rises linearly from 0 at step 0 to 1 at step `length`; always 1 if the length is 0."""
    return min(1.0, max(0, step) / length) if length > 0 else 1.0


def all_views(methods: Iterable[Method], labeled_view: str) -> Views:
    """The views that the supervised loss and all methods need, each view once.

    Raises:
        ValueError: a method names a view that does not exist, see `check_views`.
    """
    wanted = [Views((labeled_view,))]
    for method in methods:
        wanted.append(method.views())
        check_views(type(method).__name__, wanted[-1])
    # dict.fromkeys drops repeated views and keeps their order. The order of a set of words differs between processes.
    labeled = dict.fromkeys(view for views in wanted for view in views.labeled)
    unlabeled = dict.fromkeys(view for views in wanted for view in views.unlabeled)
    return Views(tuple(labeled), tuple(unlabeled))
