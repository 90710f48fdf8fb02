"""What training one row of the table gives: the model, the row with its scores, and the scores that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..metrics import Counts
from ..monitoring.log_history import History
from ..report.row import Row
from ..training.trainer import SelfTuningTrainer
from .plan import Plan


@dataclass(frozen=True)
class Outcome:
    """The result of training one row.

    Args:
        plan: what was trained.
        row: the table's row, with scores and cost.
        history: `state.log_history`, for the curves.
        trainer: with the trained model.
        counts: of each item of each scored part, by "dev" and "test".
        predicted: the model's answers to each item of each scored part.
        scores: of the further metrics on each scored part, by name.
        unmeasured: a sentence for each further metric that failed.
        failed: the errors of the parts that could not be scored, by "dev" and "test".
    """

    plan: Plan
    row: Row
    history: History
    trainer: SelfTuningTrainer
    counts: Mapping[str, Counts] = field(default_factory=dict)
    predicted: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unmeasured: Sequence[str] = ()
    failed: Mapping[str, Exception] = field(default_factory=dict)

    @property
    def test(self) -> Counts | None:
        """The counts of each test item; None where nothing was tested."""
        return self.counts.get("test")
