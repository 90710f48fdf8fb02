"""The rows of a table: fine-tuning, and the methods or the stages that the flags name."""

import re
from dataclasses import dataclass
from typing import Any

from transformers import TrainingArguments

from ...core.method_text import split_joined, split_stages
from ..command.flags import BudgetArguments
from ..command.run_config import RunConfig
from .resume import asked_to_resume
from .stage_text import FINE_TUNING, Stage, stage_of
from .stage_text import TAPT as TAPT
from .usual import Usual

SAME_TIME = "fine_tuning_same_time"
"""Fine-tuning for as many steps as fit into the time of the most expensive method."""

GIVEN_MODEL = "given_model"
"""The row of a model that is scored and not trained."""


@dataclass(frozen=True)
class Plan:
    """One row of a table.

    Args:
        stages: they train one after another, and the model of the last one is scored.
        given_name: name of the row; an empty one stands for the joined names of the stages.
    """

    stages: tuple[Stage, ...]
    given_name: str = ""

    @property
    def name(self) -> str:
        """Name of the row and of its folder: the given one, else the names of the stages."""
        return self.given_name or "-".join(stage.short_name for stage in self.stages)

    @property
    def last(self) -> Stage:
        """The stage whose model is scored and kept."""
        return self.stages[-1]

    @property
    def preset(self) -> str:
        """The presets of the last stage's methods, joined by `+`."""
        return "+".join(method.preset for method in self.last.methods)

    @property
    def title(self) -> str:
        """The name of the row in curves and log lines."""
        return ", then ".join(stage.title for stage in self.stages)

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of each method by its title, numbered where there are several stages."""
        numbers = [f"{n}. " if len(self.stages) > 1 else "" for n in range(1, len(self.stages) + 1)]
        return {
            f"{number}{method.title}": method.recorded_settings()
            for number, stage in zip(numbers, self.stages, strict=True)
            for method in stage.methods
        }


def row_of(text: str, usual: Usual) -> Plan:
    """The row that one text names: `fine_tuning`, or methods joined by `+`. The row's name is the whole text.

    Args:
        text: such as `co_tuning+fixmatch:threshold=0.9`, or stages such as `fine_tuning*3 then generation`.
        usual: what methods take where the text names nothing.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    if text == SAME_TIME:
        return Plan((Stage(FINE_TUNING, title="Fine-tuning, same time"),), SAME_TIME)
    return _checked(Plan(tuple(stage_of(split_joined(part), usual) for part in split_stages(text)), slug(text)))


def _checked(plan: Plan) -> Plan:
    """Refuse a last stage that leaves no model to score, or several, and stages that go on from no single model."""
    for number, stage in enumerate(plan.stages):
        if stage.restart:
            continue
        before = [earlier for earlier in plan.stages[:number] if not earlier.pretrains]
        if not before or before[-1].copies > 1:
            found = f"{before[-1].name} trains {before[-1].copies}" if before else "there is none"
            raise ValueError(
                f"The stage {stage.name} with restart=False goes on from the model of a stage before it, and {found}; "
                "put one stage such as fine_tuning before it, or leave restart=False out."
            )
    last = plan.last
    if last.pretrains:
        raise ValueError(
            f"The last stage, {last.name}, learns no class; put one after it, such as fine_tuning or self_tuning."
        )
    if last.copies > 1:
        raise ValueError(
            f"The last stage, {last.name}*{last.copies}, trains {last.copies} models, and one is scored; put a stage "
            "after it that learns from them, such as generation, or leave out the number."
        )
    return plan


def slug(text: str) -> str:
    """The name of a row's folder: `self_tuning:preset=paper` gives `self_tuning-preset=paper`."""
    return re.sub(r"[^\w.+=,-]", "-", text)


def plan_rows(budget: BudgetArguments, args: TrainingArguments, usual: Usual) -> list[Plan]:
    """The rows of a run: fine-tuning, if it is compared, and the methods or stages that the flags name.

    Args:
        budget: names methods or stages.
        args: training arguments; they say whether the run resumes.
        usual: what methods take where the flags name nothing.

    Raises:
        ValueError: a method or a setting is unknown, the last stage learns no class, or several rows are to resume
            from one checkpoint.
    """
    if isinstance(args, RunConfig) and not args.trains:
        args.max_steps, args.num_train_epochs = -1, 0.0  # for what the run announces
        return [Plan((Stage(GIVEN_MODEL, title="The given model"),))]
    texts = [part for text in budget.stages or () for part in split_stages(text)]
    stages = [stage_of(split_joined(text), usual) for text in texts]
    asked = _checked(Plan(tuple(stages) or (stage_of(budget.methods, usual),)))
    baseline = Plan((Stage(FINE_TUNING),))
    plans = [baseline, asked] if budget.compare_fine_tuning and asked.name != FINE_TUNING else [asked]
    runs = sum(len(plan.stages) for plan in plans)
    if runs > 1 and asked_to_resume(args) and str(args.resume_from_checkpoint).lower() != "true":
        raise ValueError(
            f"--resume_from_checkpoint {args.resume_from_checkpoint} is one checkpoint, and two rows train; give "
            "True, which resumes each row from its own last one, or --compare_fine_tuning False."
        )
    return plans
