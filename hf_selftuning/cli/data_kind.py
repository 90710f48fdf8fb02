"""Whether data on the command line are words or images, found by what is in a file or folder."""

import os
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from ..data.images.readings.image_formats import is_image
from ..data.images.sources.data_folders import names_images

DIGITS = "digits"
DATASET_FILES = ("dataset_info.json", "state.json")
IMAGE_FEATURE = b'"_type":"Image"'


def image_source(data: str, task: str | None = None) -> dict[str, Any] | None:
    """The argument of `load_images` for data of images; None for words.

    Args:
        data: what the user gave: a path, `digits`, or an id of the Hub, which is taken for words.
        task: "ner" or "images" if the user has said it.
    """
    path = Path(data)
    if task == "ner":
        return None
    if data == DIGITS or (path.is_dir() and _is_dataset(path)):
        return {"dataset_name": data}
    if (path.is_dir() and _holds_images(path)) or (path.is_file() and names_images(path)):
        return {"data_dir": data}
    if task == "images":
        return {"data_dir" if path.exists() else "dataset_name": data}
    return None


def _is_dataset(folder: Path) -> bool:
    """Whether data files in a folder hold the images themselves."""
    described = [path.read_bytes() for name in DATASET_FILES for path in folder.rglob(name) if path.is_file()]
    described += [_features(path) for path in folder.rglob("*.parquet") if path.is_file()]
    return any(IMAGE_FEATURE in text.replace(b" ", b"") for text in described)


def _features(path: Path) -> bytes:
    """The features of a Parquet file, as the library `datasets` writes them."""
    try:
        return (pyarrow.parquet.read_schema(path).metadata or {}).get(b"huggingface", b"")
    except (pyarrow.ArrowException, OSError):
        return b""


def _holds_images(folder: Path) -> bool:
    return any(is_image(os.path.join(above, name)) for above, _, names in os.walk(folder) for name in names)
