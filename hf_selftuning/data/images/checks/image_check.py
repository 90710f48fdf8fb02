"""Opens every image once before training: broken ones are named, and the range of deep pixels is found."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import IO, Any

from datasets import Dataset
from PIL import Image

from ....distributed import told_by_first
from ...digests import Digests, no_digests
from ...rows.plain_text import counted
from ..pixels.image_opening import extremes, is_deep, name_of, opened, reason_of
from ..pixels.pixel_ranges import PixelRanges
from ..readings.image_readings import ImageReading
from .image_contents import DIGEST, digest

logger = logging.getLogger(__name__)

NAMED = 5
"""Number of broken images that a message names."""
KINDS = ("integers", "floats")
"""Of pixels with more than 8 bits."""
AT_ONCE = 64
"""Number of cells that are read from a dataset at once; the images in them are opened one by one."""


@dataclass(frozen=True)
class Found:
    """What one image turned out to be.

    Args:
        broken: its name and the reason why it cannot be opened; empty if it can.
        kind: "integers" or "floats" if its pixels have more than 8 bits, else empty.
        ends: the smallest and the largest of these pixels.
        content: the digest of its file.
        several: whether it holds several frames or pages.
    """

    broken: str = ""
    kind: str = ""
    ends: tuple[float, ...] = ()
    content: bytes = b""
    several: bool = False


@dataclass
class FoundPart:
    """What the images of a part turned out to be.

    Args:
        contents: the digests of their files; any for a broken one.
        broken: the broken ones by row, with their names and reasons.
        ends: the smallest and the largest pixel of each image with more than 8 bits, by kind.
        several: how many hold several frames or pages.
    """

    contents: Digests = field(default_factory=no_digests)
    broken: dict[int, str] = field(default_factory=dict)
    ends: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    several: int = 0

    @classmethod
    def of(cls, images: Iterable[Found]) -> "FoundPart":
        """All that was found, in little memory."""
        part = cls()
        part.contents = Digests.of((part._add(row, one) for row, one in enumerate(images)), DIGEST)
        return part

    def _add(self, row: int, one: Found) -> bytes:
        if one.broken:
            self.broken[row] = one.broken
        if one.kind:
            self.ends[one.kind] += one.ends
        self.several += one.several
        return one.content


def checked_readings(
    readings: Mapping[str, ImageReading], *, skip_broken: bool = False
) -> tuple[dict[str, ImageReading], PixelRanges]:
    """The readings of all parts without images that cannot be opened, and the range of their deep pixels.

    The readings then hold the digests of their images. Every image of every part is decoded once, JPEG at an eighth
    of its size. Threads share the work. Of several ranks
    the first one does it.

    Args:
        readings: of the parts.
        skip_broken: pass over images that cannot be opened. A doubt of their part has their number and first names.

    Raises:
        ValueError: an image cannot be opened and `skip_broken` is not set, or a part or a class has no other image.
    """
    found = told_by_first(lambda: {name: FoundPart.of(look_at(one.images)) for name, one in readings.items()})
    number = sum(len(part.contents) for part in found.values())
    broken = [told for part in found.values() for told in part.broken.values()]
    if broken and not skip_broken:
        raise ValueError(
            f"{_told(broken, number)} Replace these files or take them out; or pass over them with "
            "--skip_broken (in a script: load_images(..., skip_broken=True))."
        )
    kept = {name: _without_broken(name, reading, found[name]) for name, reading in readings.items()}
    return kept, ranges_of([*found.values()])


def ranges_of(found: Sequence[FoundPart]) -> PixelRanges:
    """The ranges of the images with more than 8 bits; one line for each kind is logged."""
    ends = {kind: [end for part in found for end in part.ends[kind]] for kind in KINDS}
    ranges = PixelRanges.around(**ends)
    for kind, numbers in ends.items():
        if numbers:
            black, white = getattr(ranges, kind)
            logger.info(
                "%s images hold %s of more than 8 bits, from %.10g to %.10g: black is %.10g and white %.10g.",
                f"{len(numbers) // 2:,}", kind, min(numbers), max(numbers), black, white,
            )  # fmt: skip
    return ranges


def look_at(part: Dataset) -> Iterator[Found]:
    """What each image of a part is, in its order; no more than one image a processor is held in memory."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for start in range(0, len(part), AT_ONCE):
            yield from threads.map(_look, part[start : start + AT_ONCE]["image"])


def _look(cell: Mapping[str, Any]) -> Found:
    try:
        with opened(cell) as file:
            content = digest(file)
            file.seek(0)
            return _decoded(file, content)
    except Exception as error:  # for broken files, the readers in Pillow raise errors of a dozen kinds
        return Found(broken=f"{name_of(cell)} ({reason_of(error, cell)})")


def _decoded(file: IO[bytes], content: bytes) -> Found:
    with Image.open(file) as image:
        # JPEG is read to its end, and no more pixels are computed than needed; other formats ignore this.
        image.draft(image.mode, (1, 1))
        image.load()
        if not is_deep(image):
            return Found(content=content, several=_has_several(image))
        kind = "floats" if image.mode.startswith("F") else "integers"
        return Found(kind=kind, ends=extremes(image), content=content, several=_has_several(image))


def _has_several(image: Image.Image) -> bool:
    """Whether a file holds several frames or pages; those behind a broken one do not count."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # only the first frame is read
        return False


def _told(broken: Sequence[str], number: int) -> str:
    names = ", ".join(broken[:NAMED]) + (f" and {len(broken) - NAMED:,} more" if len(broken) > NAMED else "")
    return f"{len(broken):,} of {number:,} images cannot be opened: {names}."


def _without_broken(name: str, reading: ImageReading, found: FoundPart) -> ImageReading:
    several, broken, images = found.several, [*found.broken.values()], len(found.contents)
    pages = [f"of {counted(several, 'image')} with several frames or pages, the first one is read"] if several else []
    reading = replace(reading, doubts=[*reading.doubts, *pages])
    if not broken:
        return replace(reading, contents=found.contents)
    kept = [row for row in range(images) if row not in found.broken]
    told = _told(broken, images)
    reading.doubts.append(f"{told} With --skip_broken they are passed over, and without it a run refuses them")
    classes = [reading.classes[row] for row in kept] if reading.classes else []
    lost = [f"the class {label!r}" for label in sorted({*reading.classes} - {*classes} - {None}, key=str)]
    if not kept or lost:
        what = (lost or [f"the part {name!r}"])[0]
        raise ValueError(f"No image of {what} can be opened; replace its files, or take it out.")
    count = Counter({"broken images": len(broken)})
    return replace(
        reading,
        images=reading.images.select(kept),
        classes=classes,
        contents=found.contents.take(kept),
        passed_over=reading.passed_over + count,
    )
