"""The callback that lets the methods follow the student."""

from collections.abc import Callable
from typing import Any

from accelerate import Accelerator
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..core.objective import Objective
from ..core.step import Progress


class AfterStep(TrainerCallback):
    """Moves queues and EMA copies after each optimizer step; forgets a step that an overflow skipped.

    Args:
        objective: gives what is trained, which `model_init` may replace.
        accelerator: knows whether the step was skipped.
    """

    def __init__(self, objective: Callable[[], Objective], accelerator: Callable[[], Accelerator]) -> None:
        self.objective, self.accelerator = objective, accelerator
        self._scale = 1.0

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Gradients are complete."""
        self.objective().before_step()
        self._scale = self._scale_now()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Before the step is counted."""
        objective = self.objective()
        objective.progress = Progress(state.global_step + 1, state.max_steps)
        # Accelerate does not see that a fused optimizer skipped; that the scaler stepped back tells of every one.
        skipped = self.accelerator().optimizer_step_was_skipped or self._scale_now() < self._scale
        objective.after_step(skipped=skipped)

    def _scale_now(self) -> float:
        """Factor of the loss under fp16; 1 elsewhere, without a look at the device."""
        scaler = self.accelerator().scaler
        return 1.0 if scaler is None else scaler.get_scale()
