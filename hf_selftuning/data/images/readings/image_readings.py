"""What every reader of images gives: images of a part, their classes, and what was passed over or looked odd."""

import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from datasets import Dataset

from ...classes.class_reading import ClassReading


@dataclass
class ImageReading(ClassReading):
    """One part of the images as it was read.

    Args:
        images: in a column `image`, unopened.
    """

    one: ClassVar[str] = "image"

    images: Dataset

    def __len__(self) -> int:
        return len(self.images)

    def place(self, index: int) -> str:
        """The path of an image, or its number where it has none."""
        value = self.images[index]["image"]
        return value.get("path") or f"row {index + 1}"


def plain_name(name: str) -> str:
    """A name as it compares: an archive may change its case, blanks at its ends, and how accents are stored."""
    return unicodedata.normalize("NFC", name).strip().casefold()
