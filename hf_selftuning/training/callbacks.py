"""The trainer's callbacks: methods learn from the labelled data before training, and follow each optimizer step."""

from collections.abc import Callable
from typing import Any

from accelerate import Accelerator
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ..core.objective import Objective
from ..core.step import Progress


class BeforeTraining(TrainerCallback):
    """Prepares the methods when a run begins; a resumed run reads what they learned from its checkpoint.

    Args:
        prepare: lets the methods learn from the labelled data.
    """

    def __init__(self, prepare: Callable[[], None]) -> None:
        self.prepare = prepare

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Prepare, unless a checkpoint was read."""
        if state.global_step == 0:
            self.prepare()


class AfterStep(TrainerCallback):
    """Updates queues and EMA copies after each optimizer step; discards a step that an fp16 overflow skipped.

    It tells the objective how far training is: as it begins, perhaps from a checkpoint, and after each step.
    At the end of training, averaged weights become those of the model, and what waits in a record is entered.

    Args:
        objective: returns the objective. It is a function, because `model_init` may replace the objective.
        accelerator: returns the Accelerator, which knows whether the optimizer skipped the step.
        finish: is called at the end of training, on every rank.
    """

    def __init__(
        self,
        objective: Callable[[], Objective],
        accelerator: Callable[[], Accelerator],
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        self.objective, self.accelerator, self.finish = objective, accelerator, finish
        self._scale_before = 1.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Take the step of a run that resumes; it may be evaluated, or end, before another step."""
        self.objective().progress = Progress(state.global_step, state.max_steps)

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the step of the objective, whose gradients are complete."""
        self.objective().before_step()
        self._scale_before = self._loss_scale()

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """End the step of the objective. The optimizer has stepped, but Trainer has not counted the step yet."""
        objective = self.objective()
        objective.progress = Progress(state.global_step + 1, state.max_steps)
        # Accelerate does not see that a fused optimizer skipped a step, but the scaler then lowers its scale.
        skipped = self.accelerator().optimizer_step_was_skipped or self._loss_scale() < self._scale_before
        objective.after_step(skipped=skipped)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Give the model the averaged weights, if a method averages them."""
        self.objective().finish()
        self.finish()

    def _loss_scale(self) -> float:
        """Factor by which fp16 training multiplies the loss; 1 without fp16, where nothing waits for the device."""
        scaler = self.accelerator().scaler
        return 1.0 if scaler is None else scaler.get_scale()
