"""How long an optimizer step takes, without the evaluations and saves between steps."""

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

KEY = "step_clock"
"""The key of the counts in the trainer's state."""


class StepClock(TrainerCallback):
    """Mean time from the end of one optimizer step to the end of the next, in seconds.

    The first step does not count, nor does a step that follows an evaluation or a save. The counts are saved with the
    trainer's state, so that a resumed run keeps the counts of its earlier steps.
    """

    def __init__(self) -> None:
        self.seconds, self.steps = 0.0, 0
        self._last: float | None = None

    def read(self, state: TrainerState) -> None:
        """Continue the counts of a checkpoint's state."""
        counted = _held(state).get(KEY)
        if counted is not None:
            self.seconds, self.steps = counted["seconds"], counted["steps"]

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Continue the counts of the state."""
        self.read(state)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count the step, unless an evaluation or a save came before it."""
        now = time.perf_counter()
        if self._last is not None:
            self.seconds, self.steps = self.seconds + now - self._last, self.steps + 1
        self._last = now
        _held(state)[KEY] = {"seconds": self.seconds, "steps": self.steps}

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Do not count the next step."""
        self._last = None

    on_save = on_evaluate

    @property
    def mean(self) -> float:
        """Seconds a step; NaN if no step was counted."""
        return self.seconds / self.steps if self.steps else math.nan


def _held(state: TrainerState) -> dict[str, Any]:
    """The state's dict of what callbacks save, which transformers annotates as a list, too."""
    held = state.stateful_callbacks
    assert isinstance(held, dict)
    return held
