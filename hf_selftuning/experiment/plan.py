"""The rows of a comparison: fine-tuning, and the methods or the stages that the flags name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from transformers import TrainingArguments

from ..core.method import Method
from ..methods import parse_method
from ..report.row import BASELINE
from ..training.checks import check_methods
from .flags import BudgetArguments
from .run_folder import asked_to_resume

FINE_TUNING, TAPT = BASELINE, "tapt"
"""Stages that are no methods: cross-entropy alone, and language modelling alone."""
SAME_TIME = "fine_tuning_same_time"
"""Fine-tuning for as many steps as fit into the time of the dearest method."""
CHANGES = {"steps": ("max_steps", int), "learning_rate": ("learning_rate", float)}
"""Settings of a stage itself: the training argument each changes, and its type."""


@dataclass(frozen=True)
class Stage:
    """One run of the trainer.

    Args:
        name: `fine_tuning`, `tapt`, or the methods' names joined by `+`.
        methods: those that train together; none for fine-tuning.
        changes: training arguments that are other than the flags'.
        title: as curves and tables name it.
    """

    name: str
    methods: list[Method] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    title: str = "Fine-tuning"

    @property
    def pretrains(self) -> bool:
        """Whether it adapts the network without labels, for the stages behind it."""
        return self.name == TAPT or (bool(self.methods) and all(method.pretrains for method in self.methods))

    @property
    def family(self) -> str:
        """TL, SSL, combined or ours, as the paper's tables group their rows."""
        families = [method.family for method in self.methods] or ["TL"]
        return families[0] if len(families) == 1 else "combined"


@dataclass(frozen=True)
class Plan:
    """One row of the table: a stage, or several of which the last is scored."""

    stages: tuple[Stage, ...]
    given_name: str = ""

    @property
    def name(self) -> str:
        """Of the row and its folder: the one given, else the stages'."""
        return self.given_name or "-".join(stage.name for stage in self.stages)

    @property
    def last(self) -> Stage:
        """The stage whose model is scored and kept."""
        return self.stages[-1]

    @property
    def preset(self) -> str:
        """The presets of the last stage's methods."""
        return "+".join(method.preset for method in self.last.methods)

    @property
    def title(self) -> str:
        """As the curves name it."""
        return ", then ".join(stage.title for stage in self.stages)

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """All settings by the methods' titles, numbered where there are several stages."""
        numbers = [f"{n}. " if len(self.stages) > 1 else "" for n in range(1, len(self.stages) + 1)]
        return {
            f"{number}{method.title}": method.settings()
            for number, stage in zip(numbers, self.stages, strict=True)
            for method in stage.methods
        }


def stage_of(texts: Sequence[str], preset: str) -> Stage:
    """A stage of methods as flags name them; `steps=` and `learning_rate=` among their settings are the stage's own.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    names, methods, titles, changes = [], [], [], {}
    for text in texts:
        name, _, rest = text.partition(":")
        settings = [part.partition("=") for part in rest.split(",") if part]
        own = {key.strip(): value for key, _, value in settings if key.strip() in CHANGES}
        for key, value in own.items():
            argument, kind = CHANGES[key]
            changes[argument] = _number(key, value, kind)
        left = ",".join("".join(part) for part in settings if part[0].strip() not in CHANGES)
        names.append(name)
        if name not in (FINE_TUNING, TAPT):
            methods.append(parse_method(f"{name}:{left}", preset=preset))
            titles.append(_title(left, methods[-1]))
        elif len(texts) > 1 or left:
            raise ValueError(f"The stage {name} goes alone and takes {' and '.join(CHANGES)}; {text!r} asks for more.")
    title = " + ".join(titles) or ("TAPT" if TAPT in names else "Fine-tuning")
    return Stage("+".join(names) or FINE_TUNING, check_methods(methods), changes, title)


def row_of(text: str, *, preset: str) -> Plan:
    """A row that one word names: `fine_tuning`, or methods joined by `+`, named by all of the text.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    if text == SAME_TIME:
        return Plan((Stage(FINE_TUNING, title="Fine-tuning, same time"),), SAME_TIME)
    return Plan((stage_of(re.split(r"\+(?=[a-z])", text), preset),), slug(text))


def slug(text: str) -> str:
    """A row's text as the name of a folder: `self_tuning:preset=paper` is `self_tuning-preset=paper`."""
    return re.sub(r"[^\w.+=,-]", "-", text)


def _title(settings: str, method: Method) -> str:
    """The method's title, its preset where it has several, and the settings that were given."""
    given = [part.replace("=", " ") for part in settings.split(",") if part]
    details = [method.preset] if len(method.presets) > 1 else []
    details += [part for part in given if not part.startswith("preset ")]
    return f"{method.title} ({', '.join(details)})" if details else method.title


def _number(name: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise ValueError(f"{name}={text} of a stage is no {kind.__name__}; give a number.") from error


def plans_of(budget: BudgetArguments, args: TrainingArguments, *, preset: str) -> list[Plan]:
    """Fine-tuning, if it is compared, and what the flags name: stages one after another, or methods together.

    Args:
        budget: names them.
        args: one checkpoint cannot be gone on with by two runs.
        preset: of methods that name none.

    Raises:
        ValueError: a method or a setting is unknown, or a checkpoint is named for two runs.
    """
    stages = [stage_of(text.split("+"), preset) for text in budget.stages or ()]
    asked = Plan(tuple(stages) or (stage_of(budget.methods, preset),))
    if asked.last.pretrains:
        raise ValueError(
            f"The last stage, {asked.last.name}, learns no class; put one behind it, as fine_tuning or self_tuning."
        )
    baseline = Plan((Stage(FINE_TUNING),))
    plans = [baseline, asked] if budget.compare_fine_tuning and asked.name != FINE_TUNING else [asked]
    runs = sum(len(plan.stages) for plan in plans)
    if runs > 1 and asked_to_resume(args) and str(args.resume_from_checkpoint).lower() != "true":
        raise ValueError(
            f"--resume_from_checkpoint {args.resume_from_checkpoint} is one checkpoint, and two rows train; give "
            "True, which resumes each row from its own last one, or --compare_fine_tuning False."
        )
    return plans
