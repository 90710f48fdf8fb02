"""What every reader of images gives: images of a part, their classes, and what was passed over or looked odd."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from datasets import Dataset

from ...class_names import labeled_rows, unlabeled_rows
from ...digests import Digests, no_digests


@dataclass
class ImageReading:
    """One part of the data as it was read.

    Args:
        source: the folder or the table, or the dataset and its part.
        images: in a column `image`, unopened.
        classes: the name of each image's class; None for an image without one. None instead of the list: the source
            has no classes.
        layout: where images and classes were found, in words; "" for folders of classes.
        names: all names of classes in their order, where the source has them.
        contents: for each image the digest of its file, where the files were read.
        passed_over: how many files of which kind were not read as images.
        doubts: what looks odd, a sentence each.
    """

    source: str
    images: Dataset
    classes: Sequence[str | None] | None = None
    layout: str = ""
    names: Sequence[str] | None = None
    contents: Digests = field(default_factory=no_digests)
    passed_over: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)

    def place(self, index: int) -> str:
        """The path of an image, or its number where it has none."""
        value = self.images[index]["image"]
        return value.get("path") or f"row {index + 1}"

    @property
    def labeled(self) -> np.ndarray:
        """The indices of the images that have a class."""
        return labeled_rows(self.classes or ())

    @property
    def unlabeled(self) -> np.ndarray:
        """The indices of the images that have none."""
        return np.arange(len(self.images)) if self.classes is None else unlabeled_rows(self.classes)


def plain_name(name: str) -> str:
    """A name as it compares: an archive may change its case, blanks at its ends, and how accents are stored."""
    return unicodedata.normalize("NFC", name).strip().casefold()
