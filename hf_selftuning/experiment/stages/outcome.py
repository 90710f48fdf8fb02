"""What training one row of the table gives: the model, the row, and the scores of each part, or why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...metrics import Counts, score_of
from ...monitoring.log_history import History
from ...report.row import Row
from ...training.trainer import SelfTuningTrainer
from .plan import Plan


@dataclass(frozen=True)
class PartScore:
    """How a model did on a part.

    Args:
        counts: of each item.
        predicted: the model's answer to each item.
        scores: of further metrics, by name.
        unmeasured: a sentence for each further metric that failed.
        decodings: the counts of each item by every decoding of the model's tags; empty where there is only one answer.
    """

    counts: Counts
    predicted: Any
    scores: Mapping[str, float]
    unmeasured: Sequence[str] = ()
    decodings: Mapping[str, Counts] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """By the run's own metric, as a fraction."""
        return float(score_of(self.counts))


def decoding_scores(parts: Mapping[str, PartScore]) -> dict[str, dict[str, float]]:
    """The score of each part by every decoding, as a fraction; a part with one answer to each example is left out."""
    return {
        part: {decoding: float(score_of(counts)) for decoding, counts in found.decodings.items()}
        for part, found in parts.items()
        if found.decodings
    }


@dataclass(frozen=True)
class Outcome:
    """The result of training one row.

    Args:
        plan: what was trained.
        row: the table's row, with scores and cost.
        history: `state.log_history`, for the curves.
        trainer: with the trained model.
        parts: the scores, by "dev" and "test".
        failed: the errors of the parts that could not be scored, by "dev" and "test".
    """

    plan: Plan
    row: Row
    history: History
    trainer: SelfTuningTrainer
    parts: Mapping[str, PartScore] = field(default_factory=dict)
    failed: Mapping[str, Exception] = field(default_factory=dict)

    @property
    def test(self) -> Counts | None:
        """The counts of each test item; None where nothing was tested."""
        return self.parts["test"].counts if "test" in self.parts else None
