"""The rows of a comparison: fine-tuning, and the methods that the flags name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from transformers import TrainingArguments

from ..method import Method
from ..methods import parse_method
from ..tables import BASELINE
from ..validation import check_methods
from .arguments import BudgetArguments
from .folder import asked_to_resume

SAME_TIME = "fine_tuning_same_time"
"""Fine-tuning for as many steps as fit into the time of the dearest method."""


@dataclass(frozen=True)
class Plan:
    """One row of the table.

    Args:
        name: `fine_tuning`, or the methods' names joined by `+`.
        methods: none for fine-tuning.
        title: as curves and tables name it.
    """

    name: str
    methods: list[Method] = field(default_factory=list)
    title: str = "Fine-tuning"

    @property
    def preset(self) -> str:
        """The methods' presets."""
        return "+".join(method.preset for method in self.methods)

    @property
    def family(self) -> str:
        """TL, SSL, combined or ours, as the paper's tables group their rows."""
        families = [method.family for method in self.methods] or ["TL"]
        return families[0] if len(families) == 1 else "combined"


def plan_of(texts: Sequence[str], *, preset: str) -> Plan:
    """The row of methods that train together.

    Args:
        texts: `name` or `name:setting=value,setting=value`; none is fine-tuning.
        preset: of methods that name none.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    methods = check_methods([parse_method(text, preset=preset) for text in texts])
    if not methods:
        return Plan(BASELINE)
    titles = [_title(text, method) for text, method in zip(texts, methods, strict=True)]
    return Plan("+".join(text.partition(":")[0] for text in texts), methods, " + ".join(titles))


def row_of(text: str, *, preset: str) -> Plan:
    """A row that one word names: `fine_tuning`, or methods joined by `+`, named by all of the text.

    Raises:
        ValueError: a method or a setting is unknown.
    """
    if text == BASELINE:
        return Plan(BASELINE)
    if text == SAME_TIME:
        return Plan(SAME_TIME, title="Fine-tuning, same time")
    plan = plan_of(re.split(r"\+(?=[a-z])", text), preset=preset)
    return Plan(slug(text), plan.methods, plan.title)


def slug(text: str) -> str:
    """A row's text as the name of a folder: `self_tuning:preset=paper` is `self_tuning-preset=paper`."""
    return re.sub(r"[^\w.+=,-]", "-", text)


def plans_of(budget: BudgetArguments, args: TrainingArguments, *, preset: str) -> list[Plan]:
    """Fine-tuning, if it is compared, and the methods that the flags name.

    Args:
        budget: names the methods.
        args: one checkpoint cannot be gone on with by two rows.
        preset: of methods that name none.

    Raises:
        ValueError: a method or a setting is unknown, or a checkpoint is named for two rows.
    """
    asked = plan_of(budget.methods, preset=preset)
    plans = [Plan(BASELINE), asked] if budget.compare_fine_tuning and asked.methods else [asked]
    if len(plans) > 1 and asked_to_resume(args) and str(args.resume_from_checkpoint).lower() != "true":
        raise ValueError(
            f"--resume_from_checkpoint {args.resume_from_checkpoint} is one checkpoint, and two rows train; give "
            "True, which resumes each row from its own last one, or --compare_fine_tuning False."
        )
    return plans


def _title(text: str, method: Method) -> str:
    """The method's title, its preset where it has several, and the settings that were given."""
    given = [part.replace("=", " ") for part in text.partition(":")[2].split(",") if part]
    details = [method.preset] if len(method.presets) > 1 else []
    details += [part for part in given if not part.startswith("preset ")]
    return f"{method.title} ({', '.join(details)})" if details else method.title
