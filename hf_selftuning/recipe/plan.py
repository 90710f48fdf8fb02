"""The rows of a comparison: fine-tuning, and the methods that the flags name."""

from dataclasses import dataclass, field

from transformers import TrainingArguments

from ..method import Method
from ..methods import parse_method
from ..validation import check_methods
from .arguments import BudgetArguments
from .folder import asked_to_resume


@dataclass(frozen=True)
class Plan:
    """One row of the table.

    Args:
        name: `fine_tuning`, or the methods' names joined by `+`.
        methods: none for fine-tuning.
    """

    name: str
    methods: list[Method] = field(default_factory=list)

    @property
    def preset(self) -> str:
        """The methods' presets."""
        return "+".join(method.preset for method in self.methods)

    @property
    def title(self) -> str:
        """As the curves name it."""
        return " + ".join(f"{m.title} ({m.preset})" for m in self.methods) or "Fine-tuning"


def plans_of(budget: BudgetArguments, args: TrainingArguments, *, preset: str) -> list[Plan]:
    """Fine-tuning, if it is compared, and the methods that the flags name.

    Args:
        budget: names the methods.
        args: one checkpoint cannot be gone on with by two rows.
        preset: of methods that name none.

    Raises:
        ValueError: a method or a setting is unknown, or a checkpoint is named for two rows.
    """
    name = "+".join(text.partition(":")[0] for text in budget.methods) or "fine_tuning"
    asked = Plan(name, check_methods([parse_method(text, preset=preset) for text in budget.methods]))
    plans = [Plan("fine_tuning"), asked] if budget.compare_fine_tuning and asked.methods else [asked]
    if len(plans) > 1 and asked_to_resume(args) and str(args.resume_from_checkpoint).lower() != "true":
        raise ValueError(
            f"--resume_from_checkpoint {args.resume_from_checkpoint} is one checkpoint, and two rows train; give "
            "True, which resumes each row from its own last one, or --compare_fine_tuning False."
        )
    return plans
