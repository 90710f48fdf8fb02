"""The common form of image data from all sources, in which images are not yet opened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from datasets import ClassLabel, Dataset, Features
from datasets import Image as ImageColumn

from ...classes.class_data import ClassData
from ...mapped_rows import in_batches
from ..pixels.pixel_ranges import PixelRanges

CLOSED = ImageColumn(decode=False)


@dataclass(frozen=True)
class ImageData(ClassData):
    """Images in a column `image`, not yet opened, and their classes in a column `label`, a dataset for each part.

    Args:
        ranges: black and white of images with more than 8 bits.
    """

    one: ClassVar[str] = "image"

    ranges: PixelRanges = field(default_factory=PixelRanges)


def image_places(dataset: Dataset) -> list[str]:
    """Where each image is: its path, or its row."""
    paths = dataset.with_format("arrow")["image"][:].to_pylist() if len(dataset) else []
    return [value["path"] or f"row {row}" for row, value in enumerate(paths, start=1)]


def labeled_images(images: Sequence[Any], labels: Sequence[int], class_names: Sequence[str]) -> Dataset:
    """A dataset of images, as paths or as {"bytes", "path"}, and of their class indices."""
    features = Features({"image": CLOSED, "label": ClassLabel(names=list(class_names))})
    return Dataset.from_dict({"image": list(images), "label": list(labels)}, features=features)


def unlabeled_images(paths: Iterable[str]) -> Dataset:
    """A dataset of images, as paths, without classes."""
    return in_batches(({"image": {"bytes": None, "path": path}} for path in paths), Features({"image": CLOSED}))
