"""The callback that lets the methods look at the labelled data before training."""

from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class BeforeTraining(TrainerCallback):
    """Prepares the methods of a run that begins; a resumed one has what they learned in its checkpoint.

    Args:
        prepare: does so.
    """

    def __init__(self, prepare: Callable[[], None]) -> None:
        self.prepare = prepare

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """After a checkpoint was read back, before the first step."""
        if state.global_step == 0:
            self.prepare()
