"""The callback that lets the methods follow the student."""

from collections.abc import Callable
from typing import Any

from accelerate import Accelerator
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .method import Progress
from .objective import Objective


class AfterStep(TrainerCallback):
    """Moves queues and EMA copies after each optimizer step; forgets a step that a gradient overflow skipped.

    Args:
        objective: gives what is trained, which `model_init` may replace.
        accelerator: knows whether the step was skipped.
    """

    def __init__(self, objective: Callable[[], Objective], accelerator: Callable[[], Accelerator]) -> None:
        self.objective, self.accelerator = objective, accelerator

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Gradients are complete."""
        self.objective().before_step()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Before the step is counted."""
        objective = self.objective()
        if self.accelerator().optimizer_step_was_skipped:
            objective.reset_step()
            return
        objective.progress = Progress(state.global_step + 1, state.max_steps)
        objective.after_step()
