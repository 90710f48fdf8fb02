"""What runs on texts and on images share: each example has one class, and the score is accuracy."""

from typing import ClassVar

from datasets import Dataset

from ...data.classes.class_data import LABEL
from ...metrics import Counts, class_counts


class ClassRun:
    """Base of the setups for texts and images."""

    metric: ClassVar[str] = "accuracy"

    def expected(self, part: Dataset) -> list[int]:
        """The true class of each example."""
        return list(part[LABEL])

    def count(self, predicted: list[int], part: Dataset) -> Counts:
        """Whether the class of each example is right."""
        return class_counts(predicted, self.expected(part))
