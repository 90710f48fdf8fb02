"""What a model says of examples: the class of each image, text or entity, how sure it is, and what is most like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

BINS = 10
THRESHOLDS = np.linspace(0, 1, 51)


@dataclass(frozen=True)
class Guesses:
    """The classes of n things; a thing is an image, a text, or an entity in a sentence.

    Args:
        probabilities: of each class.
        features: what the classifier reads.
        examples: the example that holds the thing, as its place in the data.
        labels: true classes; None where they are not known.
        spans: numbers of the first word of each thing and of the first one behind it; None where examples are things.
    """

    probabilities: Float[np.ndarray, "n c"]
    features: Float[np.ndarray, "n d"]
    examples: Int[np.ndarray, "n"]
    labels: Int[np.ndarray, "n"] | None = None
    spans: Int[np.ndarray, "n 2"] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    @cached_property
    def classes(self) -> Int[np.ndarray, "n"]:
        """The most probable class of each thing."""
        return self.probabilities.argmax(1)

    @cached_property
    def seconds(self) -> Int[np.ndarray, "n"]:
        """The second most probable class of each thing; the only class where there is one."""
        if self.probabilities.shape[1] < 2:
            return self.classes
        return np.argpartition(-self.probabilities, 1, axis=1)[:, 1]

    @cached_property
    def confidence(self) -> Float[np.ndarray, "n"]:
        """The probability of the most probable class."""
        return self.probabilities.max(1)

    @cached_property
    def margins(self) -> Float[np.ndarray, "n"]:
        """How far the most probable class is above the second: 0 is undecided, 1 is certain."""
        return self.confidence - self.of(self.seconds)

    @cached_property
    def right(self) -> np.ndarray | None:
        """Whether the most probable class is the true one; None where that is not known."""
        return None if self.labels is None else self.classes == self.labels

    def of(self, classes: Int[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The probability of one class of each thing."""
        return self.probabilities[np.arange(len(self)), classes]


@dataclass(frozen=True)
class Labelled:
    """Labelled things, which the others are compared with.

    Args:
        features: what the classifier reads.
        labels: true classes.
        examples: the example that holds the thing.
        spans: as in `Guesses`.
    """

    features: Float[np.ndarray, "m d"]
    labels: Int[np.ndarray, "m"]
    examples: Int[np.ndarray, "m"]
    spans: Int[np.ndarray, "m 2"] | None = None

    def nearest(self, features: Float[np.ndarray, "d"], label: int) -> tuple[int, float] | None:
        """The thing of a class whose features have the greatest cosine with the given ones, and that cosine.

        None where no labelled thing has the class.
        """
        places = np.flatnonzero(self.labels == label)
        if not len(places):
            return None
        others = self.features[places]
        norms = np.linalg.norm(others, axis=1) * np.linalg.norm(features)
        cosines = others @ features / np.maximum(norms, 1e-12)
        best = int(cosines.argmax())
        return int(places[best]), float(cosines[best])


def reliability(
    confidence: Float[np.ndarray, "n"], right: np.ndarray, bins: int = BINS
) -> list[tuple[float, float, int]]:
    """Mean confidence, share of right classes and number of things in each bin of confidence that is not empty."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    found = []
    for number in range(bins):
        inside = places == number
        if inside.any():
            found.append((float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum())))
    return found


def coverage(
    confidence: Float[np.ndarray, "n"], right: np.ndarray | None, thresholds: Sequence[float] | np.ndarray = THRESHOLDS
) -> list[tuple[float, float, float | None]]:
    """For each threshold the share of things at least as sure, and the share of them that is right, if it is known."""
    found = []
    for threshold in thresholds:
        kept = confidence >= threshold
        share = None if right is None or not kept.any() else float(right[kept].mean())
        found.append((float(threshold), float(kept.mean()), share))
    return found
