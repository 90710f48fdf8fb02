"""Image data described for a person: what was read, five examples, sizes, kinds, classes, doubts."""

import statistics
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datasets import Dataset
from PIL import Image
from tabulate import tabulate

from ...classes.class_summary import ClassSummary
from ...rows.plain_text import counted
from ..checks.image_check import checked_readings
from ..folders.folder_tree import Folder
from ..folders.image_folders import unlabeled_reading
from ..folders.named_classes import told_classes, told_list
from ..pixels.image_opening import source_of
from ..readings.image_data import ImageData
from ..readings.image_summary import summarise

EXAMPLES = 5
MOST_OPENED = 5000
"""Images of a part whose sizes are read; of more, as many are read, spread evenly."""

SHOWN_CLASSES = 50


@dataclass
class Sizes:
    """What the first bytes of the images of a part say.

    Args:
        sides: width and height of each image.
        kinds: how many images of each format and mode.
        closed: images that cannot be opened.
    """

    sides: list[tuple[int, int]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    closed: list[str] = field(default_factory=list)


def describe_images(data: ImageData) -> str:
    """What was read of each part, examples, sizes, formats, images of each class, and doubts."""
    found = {"train": data.train, "validation": data.validation, "test": data.test, "unlabeled": data.unlabeled}
    parts = {part: dataset for part, dataset in found.items() if dataset is not None and len(dataset)}
    sizes = {part: read_sizes(dataset) for part, dataset in parts.items()}
    blocks = ["\n".join(summary.line for summary in data.summaries)]
    blocks.append(_listed("examples as read", _examples(data)))
    blocks.append(_sizes(sizes, {part: len(dataset) for part, dataset in parts.items()}))
    blocks.append(_classes([summary for summary in data.summaries if summary.classes], data.class_names))
    doubts = [f"{summary.part}: {doubt}." for summary in data.summaries for doubt in summary.doubts]
    doubts += [
        f"{part}: {counted(len(found.closed), 'image')} cannot be opened, the first {found.closed[0]}."
        for part, found in sizes.items()
        if found.closed
    ]
    blocks.append(_listed("doubts", doubts) if doubts else "no doubts")
    return "\n\n".join(blocks)


def describe_unlabeled_images(folder: Folder) -> str:
    """What was read of a folder of images without classes: examples, sizes, formats and doubts.

    Raises:
        ValueError: it has no image that can be opened.
    """
    part = "unlabeled"
    readings, _ = checked_readings({part: unlabeled_reading(folder)}, skip_broken=True)
    images = readings[part].images
    readings[part].doubts += filter(None, [told_classes(folder.images), told_list(folder.path)])
    summary = summarise(part, readings[part])
    return "\n\n".join(
        [
            summary.line,
            _listed("examples as read", [row["image"]["path"] for row in _spread(images)]),
            _sizes({part: read_sizes(images)}, {part: len(images)}),
            _listed("doubts", [f"{doubt}." for doubt in summary.doubts]) if summary.doubts else "no doubts",
        ]
    )


def read_sizes(dataset: Dataset) -> Sizes:
    """The sizes, formats and modes of images; only the first bytes of each are read."""
    found = Sizes()
    step = -(-len(dataset) // MOST_OPENED)
    for row in range(0, len(dataset), step):
        value = dataset[row]["image"]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(source_of(value)) as image:
                    found.sides.append(image.size)
                    found.kinds[f"{image.format} {image.mode}"] += 1
        except Exception:
            # Pillow's readers raise errors of many kinds for bytes that are no image.
            found.closed.append(value.get("path") or f"row {row + 1}")
    return found


def _examples(data: ImageData) -> list[str]:
    rows = _spread(data.train)
    return [f"{data.class_names[row['label']]}: {row['image'].get('path') or 'without a path'}" for row in rows]


def _spread(images: Dataset) -> Dataset:
    """A few rows, from the first on, spread evenly."""
    return images.select(range(0, len(images), max(len(images) // EXAMPLES, 1))[:EXAMPLES])


def _listed(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)])


def _sizes(sizes: Mapping[str, Sizes], counts: Mapping[str, int]) -> str:
    rows = []
    for part, found in sizes.items():
        areas = sorted(found.sides, key=lambda side: side[0] * side[1])
        median = tuple(round(statistics.median(side)) for side in zip(*areas, strict=True)) if areas else ()
        opened = len(found.sides) + len(found.closed)
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.kinds.most_common())
        name = part if opened == counts[part] else f"{part} ({opened:,} of {counts[part]:,})"
        rows.append([name, *map(_side, (areas[0], median, areas[-1]) if areas else ()), kinds])
    return tabulate(rows, headers=["pixels", "smallest", "median", "largest", "formats"], disable_numparse=True)


def _side(side: Sequence[int]) -> str:
    return " x ".join(map(str, side))


def _classes(summaries: Sequence[ClassSummary], names: Sequence[str]) -> str:
    rows = [[name, *(summary.classes.get(name, 0) for summary in summaries)] for name in names[:SHOWN_CLASSES]]
    table = tabulate(rows, headers=["class", *(summary.part for summary in summaries)])
    return table + (f"\n... and {len(names) - SHOWN_CLASSES:,} more" if len(names) > SHOWN_CLASSES else "")
