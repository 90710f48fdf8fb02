"""What was read of a part of the images, in one line."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...classes.class_checks import evenness_doubts
from ...classes.class_summary import ClassSummary
from ...rows.plain_text import counted, shown_counts
from .image_formats import CAMERA_SUFFIXES
from .image_readings import ImageReading

SHOWN_KINDS = 5


class ImageSummary(ClassSummary):
    """What was read of a part of the images."""

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = (
            f"{path.name}/" if path.is_dir() else f"{path.parent.name}/{path.name}" if path.is_file() else self.source
        )
        passed = Counter(self.passed_over)
        kinds = shown_counts(passed.most_common(), SHOWN_KINDS)
        told = f"{counted(passed.total(), 'file')} passed over ({kinds})" if passed else ""
        return f"{name}: {'; '.join(filter(None, [self.facts, self.layout, told]))}"


def summarise(
    part: str, reading: ImageReading, names: Sequence[str] = (), more_doubts: Sequence[str] = ()
) -> ImageSummary:
    """The summary of a reading, with what looks odd about its files and the sizes of its classes.

    Args:
        part: which one.
        reading: of it.
        names: of the classes, in their order.
        more_doubts: what the gate found odd.
    """
    doubts = [*more_doubts]
    closed = [(kind, count) for kind, count in reading.passed_over.most_common() if kind in CAMERA_SUFFIXES and count]
    if closed:
        kinds = shown_counts(closed, SHOWN_KINDS)
        doubts.append(f"pictures that are not opened ({kinds}); convert them to JPEG or PNG")
    if part == "train":
        doubts += evenness_doubts(reading.counts, reading.one)
    return ImageSummary.of(part, reading, names, doubts)
