"""The parts of data on their way through the gate, with what it finds out about them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..digests import Digests, no_digests
from .class_reading import ClassReading

SCORED = ("validation", "test")
PUBLISHED = {"validation": "dev", "test": "test"}
"""The scored parts, and their names in the file of a split."""

Reading = TypeVar("Reading", bound=ClassReading)


@dataclass
class ClassParts(Generic[Reading]):
    """The readings of the parts, with what the gate found out about them.

    Args:
        readings: by part: "train", and perhaps "validation", "test" and "unlabeled".
        names: of the classes.
        doubts: what looks odd, by part.
    """

    readings: dict[str, Reading]
    names: list[str] = field(default_factory=list)
    doubts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def train(self) -> Reading:
        """The reading of the training part."""
        return self.readings["train"]

    @property
    def one(self) -> str:
        """What one example is, for messages."""
        return self.train.one

    @property
    def scored(self) -> list[str]:
        """The names of the scored parts that are there."""
        return [part for part in SCORED if part in self.readings]

    def in_order(self) -> Iterator[tuple[str, Reading, list[str]]]:
        """Each part with its reading and its doubts: training first, unlabelled last."""
        for part in ("train", *SCORED, "unlabeled"):
            if part in self.readings:
                yield part, self.readings[part], self.doubts.get(part, [])

    def doubt(self, part: str, text: str) -> None:
        """Add a doubt about a part."""
        self.doubts.setdefault(part, []).append(text)

    def of_labeled(self, part: str) -> Digests:
        """The digests of the examples of a part that have a class; none if there is no such part."""
        reading = self.readings.get(part)
        return no_digests() if reading is None else reading.contents.take(reading.labeled)

    def give_roles(self) -> dict[str, str]:
        """Without a test part, the validation part becomes it; returns the source's own name of each scored part."""
        if "test" in self.readings or "validation" not in self.readings:
            return {part: part for part in self.scored}
        self.readings["test"] = self.readings.pop("validation")
        self.doubts["test"] = self.doubts.pop("validation", [])
        return {"test": "validation"}
