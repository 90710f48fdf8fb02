"""What was read of a part of the images, in one line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...rows.class_summary import ClassSummary, shown_counts
from ...rows.plain_text import counted
from .image_formats import CAMERA_SUFFIXES
from .image_readings import ImageReading

SHOWN_KINDS = 5
UNEVEN = 20


@dataclass(frozen=True, kw_only=True)
class ImageSummary(ClassSummary):
    """What was read of a part.

    Args:
        images: how many have a class; of a part without classes, how many there are.
    """

    images: int

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = (
            f"{path.name}/" if path.is_dir() else f"{path.parent.name}/{path.name}" if path.is_file() else self.source
        )
        passed = sum(self.passed_over.values())
        kinds = shown_counts(self.passed_over.items(), SHOWN_KINDS)
        told = f"{counted(passed, 'file')} passed over ({kinds})" if passed else ""
        return f"{name}: {'; '.join(filter(None, [self.facts(self.images, 'image'), self.layout, told]))}"


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


def _doubts(part: str, reading: ImageReading, classes: Mapping[str, int]) -> list[str]:
    doubts = []
    closed = {kind: count for kind, count in reading.passed_over.items() if kind in CAMERA_SUFFIXES}
    if closed:
        doubts.append(
            f"pictures that are not opened ({shown_counts(closed.items(), SHOWN_KINDS)}); convert them to JPEG or PNG"
        )
    if part == "train" and classes:
        least, most = min(classes, key=classes.__getitem__), max(classes, key=classes.__getitem__)
        single = [name for name, count in classes.items() if count == 1]
        if single:
            shown = ", ".join(single[:SHOWN_KINDS]) + (", ..." if len(single) > SHOWN_KINDS else "")
            doubts.append(
                f"{counted(len(single), 'class has', 'classes have')} one image only ({shown}); add images of them"
            )
        elif classes[most] > UNEVEN * classes[least]:
            doubts.append(
                f"the classes are uneven: {most} has {counted(classes[most], 'image')}, {least} has "
                f"{classes[least]:,}; add images of {least}, or look at the score of each class"
            )
    return doubts
