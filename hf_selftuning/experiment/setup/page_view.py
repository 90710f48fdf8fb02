"""What a kind of data provides for the page of a run: classes, guesses, and how an example is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from datasets import Dataset
from jaxtyping import Float, Int

from ...report.page.guesses import Guesses, Labelled


@dataclass(frozen=True)
class ReadRows:
    """The rows of some examples, as a trained model sees them.

    Args:
        probabilities: of the model's classes.
        features: what the classifier reads.
        labels: of the rows; None where they are placeholders.
        examples: the encoded example of each row, as its place in the dataset; rows of one example are in order.
    """

    probabilities: Float[np.ndarray, "n c"]
    features: Float[np.ndarray, "n d"]
    labels: Int[np.ndarray, "n"] | None
    examples: Int[np.ndarray, "n"]


class PageView(Protocol):
    """How a page shows one kind of data."""

    @property
    def classes(self) -> list[str]:
        """The names of the classes that the page shows."""

    def guesses(self, rows: ReadRows, part: Dataset, encoded: Any) -> Guesses:
        """What the model says of the things in the rows.

        Args:
            rows: of some examples.
            part: all examples as they were given.
            encoded: all examples as the model reads them.
        """

    def labelled(self, rows: ReadRows, part: Dataset, encoded: Any) -> Labelled:
        """The labelled things in the rows."""

    def shown(self, example: dict[str, Any]) -> dict[str, Any]:
        """What the page shows of an example: `image`, `text` or `words`."""

    def counts(self, predicted: Any, expected: Any) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
        """For each class the numbers of right, predicted and expected ones, and which is taken for which how often."""


@dataclass
class ExampleView:
    """Base of the views of images and of texts, where each example has one class."""

    classes: list[str]

    def guesses(self, rows: ReadRows, part: Dataset, encoded: Any) -> Guesses:
        """What the model says of the examples."""
        return Guesses(rows.probabilities, rows.features, rows.examples, rows.labels)

    def labelled(self, rows: ReadRows, part: Dataset, encoded: Any) -> Labelled:
        """The labelled examples."""
        assert rows.labels is not None
        return Labelled(rows.features, rows.labels, rows.examples)

    def counts(self, predicted: Sequence[int], expected: Sequence[int]) -> tuple[np.ndarray, list]:
        """Right, predicted and expected examples of each class, and which class is taken for which how often."""
        guesses, truths = np.asarray(predicted), np.asarray(expected)
        size = len(self.classes)
        right = np.bincount(truths[guesses == truths], minlength=size)
        counts = [right, np.bincount(guesses, minlength=size), np.bincount(truths, minlength=size)]
        pairs, times = np.unique(np.stack([truths, guesses]), axis=1, return_counts=True)
        taken = zip(pairs.T.tolist(), times.tolist(), strict=True)
        return np.stack(counts, 1), [(*pair, count) for pair, count in taken]
