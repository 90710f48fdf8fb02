"""How long a step takes, without what comes between steps."""

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

KEY = "step_clock"
"""Where the trainer's state holds what was counted."""


class StepClock(TrainerCallback):
    """Mean time from one optimizer step's end to the next; evaluations, saves and the first step do not count.

    What was counted travels with the trainer's state, so that a run that is resumed knows of all its steps.
    """

    def __init__(self) -> None:
        self.seconds, self.steps = 0.0, 0
        self._last: float | None = None

    def read(self, state: TrainerState) -> None:
        """Go on from what a checkpoint's state has counted."""
        counted = _held(state).get(KEY)
        if counted is not None:
            self.seconds, self.steps = counted["seconds"], counted["steps"]

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Read the state."""
        self.read(state)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count the step, if the one before was followed by nothing else."""
        now = time.perf_counter()
        if self._last is not None:
            self.seconds, self.steps = self.seconds + now - self._last, self.steps + 1
        self._last = now
        _held(state)[KEY] = {"seconds": self.seconds, "steps": self.steps}

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Do not count the step after."""
        self._last = None

    on_save = on_evaluate

    @property
    def mean(self) -> float:
        """Seconds a step; not a number where every step was followed by something else."""
        return self.seconds / self.steps if self.steps else math.nan


def _held(state: TrainerState) -> dict[str, Any]:
    """What callbacks leave in the state, a dict once it is made."""
    held = state.stateful_callbacks
    assert isinstance(held, dict)
    return held
