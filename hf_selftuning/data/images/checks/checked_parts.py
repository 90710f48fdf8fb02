"""The parts of image data on their way through the gate."""

from dataclasses import dataclass, field

from ...digests import Digests, no_digests
from ..readings.image_readings import ImageReading

SCORED = ("validation", "test")


@dataclass
class CheckedParts:
    """The readings of the parts, with what the gate found out about them.

    Args:
        readings: by part.
        names: of the classes.
        doubts: what looks odd, by part.
    """

    readings: dict[str, ImageReading]
    names: list[str]
    doubts: dict[str, list[str]] = field(default_factory=dict)

    def doubt(self, part: str, text: str) -> None:
        """Add a doubt about a part."""
        self.doubts.setdefault(part, []).append(text)

    def of_labeled(self, part: str) -> Digests:
        """The digests of the images of a part that have a class; none if there is no such part."""
        reading = self.readings.get(part)
        return no_digests() if reading is None else reading.contents.take(reading.labeled)
