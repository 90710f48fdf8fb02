"""The parts of text data on their way through the gate."""

from dataclasses import dataclass, field

from ..digests import Digests, no_digests
from .text_readings import TextReading

SCORED = ("validation", "test")


@dataclass
class Parts:
    """The parts of text data on their way through the gate.

    Args:
        readings: by part.
        names: of the classes.
        contents: the digest of each text, by part.
        doubts: what looks odd, by part.
    """

    readings: dict[str, TextReading]
    names: list[str]
    contents: dict[str, Digests] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)

    def doubt(self, part: str, text: str) -> None:
        """Add a doubt about a part."""
        self.doubts.setdefault(part, []).append(text)

    def of_labeled(self, part: str) -> Digests:
        """The digests of the texts of a part that have a class; none if there is no such part."""
        found = self.contents.get(part)
        return no_digests() if found is None else found.take(self.readings[part].labeled)
