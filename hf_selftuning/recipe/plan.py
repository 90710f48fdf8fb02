"""The rows of a comparison: fine-tuning, and the methods or the stages that the flags name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from transformers import TrainingArguments

from ..method import Method
from ..methods import parse_method
from ..validation import check_methods
from .arguments import BudgetArguments
from .folder import asked_to_resume

FINE_TUNING, TAPT = "fine_tuning", "tapt"
"""Stages that are no methods: cross-entropy alone, and language modelling alone."""
CHANGES = {"steps": ("max_steps", int), "learning_rate": ("learning_rate", float)}
"""Settings of a stage itself: the training argument each changes, and its type."""


@dataclass(frozen=True)
class Stage:
    """One run of the trainer.

    Args:
        name: `fine_tuning`, `tapt`, or the methods' names joined by `+`.
        methods: those that train together; none for fine-tuning.
        changes: training arguments that are other than the flags'.
    """

    name: str
    methods: list[Method] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def pretrains(self) -> bool:
        """Whether it adapts the network without labels, for the stages behind it."""
        return self.name == TAPT or (bool(self.methods) and all(method.pretrains for method in self.methods))

    @property
    def title(self) -> str:
        """As the curves name it."""
        if self.name == TAPT:
            return "TAPT"
        return " + ".join(f"{m.title} ({m.preset})" for m in self.methods) or "Fine-tuning"


@dataclass(frozen=True)
class Plan:
    """One row of the table: a stage, or several of which the last is scored."""

    stages: tuple[Stage, ...]

    @property
    def name(self) -> str:
        """Of the row and its folder."""
        return "-".join(stage.name for stage in self.stages)

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
    names, methods, changes = [], [], {}
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
        elif len(texts) > 1 or left:
            raise ValueError(f"The stage {name} goes alone and takes {' and '.join(CHANGES)}; {text!r} asks for more.")
    return Stage("+".join(names) or FINE_TUNING, check_methods(methods), changes)


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
