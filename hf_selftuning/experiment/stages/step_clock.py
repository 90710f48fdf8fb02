"""How long an optimizer step takes, without evaluations and checkpoints between steps."""

import math
import time
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_callback import ExportableState


class StepClock(TrainerCallback, ExportableState):
    """Mean time from the end of one optimizer step to the end of the next.

    The first step of a run does not count, nor does a step after an evaluation or a checkpoint. Trainer writes the
    counts into its state with each checkpoint, so that a resumed run continues them.

    Args:
        before: returns the seconds that preparations took before the first step, such as those of a `start`.
    """

    def __init__(self, before: Callable[[], float] = lambda: 0.0) -> None:
        self.seconds, self.steps = 0.0, 0
        self._before, self._kept = before, 0.0
        self._last: float | None = None

    def state(self) -> dict[str, Any]:
        """The counts, in the form that Trainer expects for the state of a callback."""
        return {"args": {}, "attributes": {"seconds": self.seconds, "steps": self.steps, "before": self.before}}

    def read(self, state: TrainerState) -> None:
        """Continue the counts of a checkpoint, if they are ahead of the clock's own."""
        kept = state.stateful_callbacks
        assert isinstance(kept, dict)
        # Trainer fails at the next checkpoint if a resumed state has no entry for a callback that has a state.
        counted = kept.setdefault(type(self).__name__, self.state())["attributes"]
        self._kept = counted.get("before", 0.0)  # a resumed run prepares nothing
        if counted["steps"] > self.steps:
            self.seconds, self.steps = counted["seconds"], counted["steps"]

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Continue the counts of the checkpoint that the run resumes from."""
        self.read(state)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Count the step, if neither an evaluation nor a checkpoint came before it."""
        now = time.perf_counter()
        if self._last is not None:
            self.seconds, self.steps = self.seconds + now - self._last, self.steps + 1
        self._last = now

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Do not count the next step."""
        self._last = None

    on_save = on_evaluate

    @property
    def before(self) -> float:
        """Seconds of the preparations before the first step, of this run or of the one that it resumes."""
        return max(self._kept, self._before())

    @property
    def mean(self) -> float:
        """Seconds of a step; NaN where no step counted."""
        return self.seconds / self.steps if self.steps else math.nan
