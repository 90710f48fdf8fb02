"""Row: one trained model and its scores, and the fine-tuning row that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..methods import FINE_TUNING

BASELINE = FINE_TUNING
"""Name of the row that trains on the labels alone."""


@dataclass(frozen=True)
class Row:
    """One trained model and its scores.

    Args:
        method: its name on the command line, such as `self_tuning`.
        preset: name of the preset of its settings; empty for none.
        labeled: number of labelled sentences or images.
        unlabeled: number of unlabelled ones.
        dev: score as a fraction; None if there is no dev data.
        test: score as a fraction; None if there is no test data.
        steps: number of optimizer steps.
        seconds_per_step: mean over the training.
        seed: seed of the training, not of the split.
        settings: settings of the method.
        seconds_before: seconds of the preparations before the first step, such as those of a `start`.
    """

    method: str
    preset: str
    labeled: int
    unlabeled: int
    dev: float | None
    test: float | None
    steps: int
    seconds_per_step: float
    seed: int
    settings: dict
    seconds_before: float = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of the preparations and of all steps."""
        return self.seconds_before + self.steps * self.seconds_per_step


def baseline_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """The fine-tuning row with the same number of labels and the same seed.

    None where `rows` has no such row, or where `row` is that row.
    """
    same_data = [other for other in rows if (other.labeled, other.seed) == (row.labeled, row.seed)]
    found = next((other for other in same_data if other.method == BASELINE), None)
    return None if found is row else found
