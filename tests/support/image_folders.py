"""Small images of our own in folders; every file has a content of its own, as copies would be noticed."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from hf_selftuning.data.images.readings.image_data import ImageData
from hf_selftuning.data.images.sources.load_images import load_images


def put(path: Path, kind: str | None = None) -> Path:
    """An image whose pixels follow from its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.blake2b(str(path).encode(), digest_size=48).digest()
    sizes = {"sizes": [(4, 4)]} if kind == "ICO" else {}  # else older releases of Pillow write none below 16 x 16
    Image.frombytes("RGB", (4, 4), digest).save(path, format=kind, **sizes)
    return path


def fill(folder: Path, names: Sequence[str] = ("robin", "wren"), count: int = 5) -> Path:
    """A folder with some images in each of some sub-folders."""
    for name in names:
        for number in range(count):
            put(folder / name / f"{number}.png")
    return folder


def sizes(data: ImageData) -> tuple[int, ...]:
    """How many images train, validate, test, and are unlabelled; 0 where there is no such part."""
    return tuple(len(part or ()) for part in (data.train, data.validation, data.test, data.unlabeled))


def classes_of(data: ImageData, part: str = "train") -> list[str]:
    """The name of each image's class."""
    return [data.class_names[label] for label in getattr(data, part)["label"]]


def line(data: ImageData, part: str = "train") -> str:
    """What was printed of a part."""
    return next(summary.line for summary in data.summaries if summary.part == part)


def doubts(data: ImageData) -> str:
    """All doubts about the data."""
    return "\n".join(doubt for summary in data.summaries for doubt in summary.doubts)


def refused(words: str, **given: object) -> None:
    """Check that data is refused with these words."""
    with pytest.raises(ValueError, match=words):
        load_images(**given)
