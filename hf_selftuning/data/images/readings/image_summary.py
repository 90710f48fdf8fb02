"""What was read of a part of the images, in one line."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...rows.plain_text import counted
from .image_formats import CAMERA_SUFFIXES
from .image_readings import ImageReading

logger = logging.getLogger(__name__)

SHOWN_CLASSES = 8
SHOWN_KINDS = 5
UNEVEN = 20


@dataclass(frozen=True)
class ImageSummary:
    """What was read of a part.

    Args:
        part: "train", "validation", "test" or "unlabeled".
        source: the folder or the table, or the dataset and its part.
        images: how many.
        classes: how many images of each class.
        unlabeled: images without a class, beside others that have one.
        layout: where images and classes were found.
        passed_over: how many files of which kind were not read.
        doubts: what looks odd.
    """

    part: str
    source: str
    images: int
    classes: Mapping[str, int] = field(default_factory=dict)
    unlabeled: int = 0
    layout: str = ""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[str] = ()

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = (
            f"{path.name}/" if path.is_dir() else f"{path.parent.name}/{path.name}" if path.is_file() else self.source
        )
        facts = [counted(self.images, "image")]
        if self.classes:
            facts.append(f"{counted(len(self.classes), 'class', 'classes')} ({_counts(self.classes, SHOWN_CLASSES)})")
        else:
            facts[0] += " without classes"
        if self.unlabeled:
            facts.append(f"{counted(self.unlabeled, 'more image')} without a class")
        passed = sum(self.passed_over.values())
        told = f"{counted(passed, 'file')} passed over ({_counts(self.passed_over, SHOWN_KINDS)})" if passed else ""
        return f"{name}: {'; '.join(filter(None, [', '.join(facts), self.layout, told]))}"

    def log(self) -> None:
        """Print the line of the part, and a warning for each doubt."""
        logger.info("%s", self.line)
        for doubt in self.doubts:
            logger.warning("%s: %s.", self.source, doubt)


def summarise(
    part: str, reading: ImageReading, names: Sequence[str] = (), more_doubts: Sequence[str] = ()
) -> ImageSummary:
    """The summary of a reading.

    Args:
        part: which one.
        reading: of it.
        names: of the classes, in their order.
        more_doubts: what the gate found odd.
    """
    classes = Counter(name for name in reading.classes or () if name is not None)
    order = {name: place for place, name in enumerate(names)}
    shown = dict(sorted(classes.items(), key=lambda item: order.get(item[0], 0)))
    doubts = [*reading.doubts, *more_doubts, *_doubts(part, reading, classes)]
    return ImageSummary(
        part=part,
        source=reading.source,
        images=sum(classes.values()) or len(reading.images),
        classes=shown,
        unlabeled=len(reading.images) - sum(classes.values()) if classes else 0,
        layout=reading.layout,
        passed_over={kind: count for kind, count in reading.passed_over.most_common() if count},
        doubts=tuple(dict.fromkeys(doubts)),
    )


def _counts(counts: Mapping[str, int], most: int) -> str:
    more = ", ..." if len(counts) > most else ""
    return ", ".join(f"{name} {count:,}" for name, count in list(counts.items())[:most]) + more


def _doubts(part: str, reading: ImageReading, classes: Mapping[str, int]) -> list[str]:
    doubts = []
    closed = {kind: count for kind, count in reading.passed_over.items() if kind in CAMERA_SUFFIXES}
    if closed:
        doubts.append(f"pictures that are not opened ({_counts(closed, SHOWN_KINDS)}); convert them to JPEG or PNG")
    if part == "train" and classes:
        least, most = min(classes, key=classes.__getitem__), max(classes, key=classes.__getitem__)
        single = [name for name, count in classes.items() if count == 1]
        if single:
            shown = ", ".join(single[:SHOWN_KINDS]) + (", ..." if len(single) > SHOWN_KINDS else "")
            doubts.append(f"{counted(len(single), 'class has', 'classes have')} one image only ({shown})")
        elif classes[most] > UNEVEN * classes[least]:
            doubts.append(
                f"the classes are uneven: {most} has {counted(classes[most], 'image')}, {least} has {classes[least]:,}"
            )
    return doubts
