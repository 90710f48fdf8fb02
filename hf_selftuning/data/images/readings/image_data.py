"""The common form of image data from all sources, in which images are not yet opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets import ClassLabel, Dataset, Features
from datasets import Image as ImageColumn

from ...digests import Digests, labeled_digests, no_digests
from ...mapped_rows import in_batches
from ..pixels.pixel_ranges import PixelRanges
from .image_summary import ImageSummary

CLOSED = ImageColumn(decode=False)


@dataclass(frozen=True)
class ImageData:
    """Images in a column `image`, not yet opened, and their classes in a column `label`, a dataset for each part.

    Args:
        name: of the data, for tables and cards.
        train: the training images.
        validation: the validation images, if there are any.
        test: the test images, if there are any.
        class_names: names of the classes by index.
        unlabeled: images without classes, in a column `image`.
        summaries: what was read of each part.
        contents: digests of the training images, by which a split knows them again; empty for the digits, which are
            always the same.
        published: the published dataset's own names of "dev" and "test"; a part that was split off here has none.
        ranges: black and white of images with more than 8 bits.
    """

    name: str
    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    class_names: list[str]
    unlabeled: Dataset | None = None
    summaries: tuple[ImageSummary, ...] = ()
    contents: Digests = field(default_factory=no_digests)
    published: Mapping[str, str] = field(default_factory=dict)
    ranges: PixelRanges = field(default_factory=PixelRanges)


def split_contents(data: ImageData) -> Digests:
    """For each training image a digest of its content and its class, by which a split finds it again."""
    return labeled_digests(data.contents, data.train["label"][:], data.class_names)


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
