"""Whether data on the command line are words, texts or images, found by what is in a file or folder."""

import argparse
import os
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from pyarrow.types import is_struct

from ..data.images.folders.folder_reading import folders_around, identity_of
from ..data.images.folders.named_classes import lists_images
from ..data.images.readings.image_formats import CAMERA_SUFFIXES, is_image
from ..data.images.sources.data_folders import names_images
from ..data.rows.file_text import read_bytes, suffix_of
from ..data.rows.table_rows import TABLES
from ..data.texts.text_columns import TextColumns
from ..data.texts.text_files import holds_classed_texts, is_table, read_texts_file
from ..data.texts.text_folders import holds_text_folders
from ..data.words.tables.word_tables import column_names

DIGITS = "digits"
DATASET_FILES = ("dataset_info.json", "state.json")
WORDS = {"tokens", "words", "token", "word", "form", "ner_tags", "ner", "spans", "entities"}
"""Names of columns that tables of texts do not have."""
NO_TEXTS = "there is no column of texts"
PEEKED = 20
"""Tables of a folder in which texts are looked for."""
OTHER_TASKS = "It was read as sentences of words; --task text or --task images reads texts or images."
"""What is said behind an error, if nobody said what the data are."""
IMAGE_FEATURE = b'"_type":"Image"'


def image_source(data: str, task: str | None = None) -> dict[str, Any] | None:
    """The argument of `load_images` for data of images; None for words.

    Args:
        data: what the user gave: a path, `digits`, or an id of the Hub, which is taken for words.
        task: "ner", "text" or "images" if the user has said it.
    """
    path = Path(data)
    if task in ("ner", "text"):
        return None
    if data == DIGITS or (path.is_dir() and _is_dataset(path)):
        return {"dataset_name": data}
    if (path.is_dir() and _holds_images(path)) or (
        path.is_file() and (names_images(path) or _has_images(path) or lists_images(path))
    ):
        return {"data_dir": data}
    if task == "images":
        return {"data_dir" if path.exists() else "dataset_name": data}
    return None


def is_texts(data: str, task: str | None = None) -> bool:
    """Whether data are texts of one class each: a folder of text files, or a table with a class in each row.

    Args:
        data: what the user gave.
        task: "ner", "text" or "images" if the user has said it.
    """
    path = Path(data)
    if task is not None:
        return task == "text"
    if path.is_dir():
        other = _holds_images(path) or _is_dataset(path)
        return not other and (holds_text_folders(path) or _holds_table_of_texts(path))
    return path.is_file() and not names_images(path) and holds_classed_texts(path)


def gives_other_parts(arguments: argparse.Namespace) -> bool:
    """Whether files of other parts are given, so that an error may be theirs."""
    return any((arguments.validation_file, arguments.test_file, arguments.unlabeled_file))


def error_of_texts(data: str) -> str:
    """Why a table is no training data of texts; "" for other files, and for tables of words."""
    path = Path(data)
    try:
        if not path.is_file() or not is_table(path, read_bytes(path)) or _names_words(path):
            return ""
        read_texts_file(path, TextColumns())
    except ValueError as error:
        return "" if NO_TEXTS in str(error) else str(error)
    return ""


def _names_words(path: Path) -> bool:
    return not WORDS.isdisjoint(name.lower() for name in column_names(path))


def _is_dataset(folder: Path) -> bool:
    """Whether data files in a folder hold the images themselves."""
    described = [path.read_bytes() for name in DATASET_FILES for path in folder.rglob(name) if path.is_file()]
    described += [_features(path) for path in folder.rglob("*.parquet") if path.is_file()]
    return any(IMAGE_FEATURE in text.replace(b" ", b"") for text in described)


def _has_images(path: Path) -> bool:
    return IMAGE_FEATURE in _features(path).replace(b" ", b"")


def _features(path: Path) -> bytes:
    """The features of a Parquet file, as the library `datasets` writes them; images stored without it count, too."""
    try:
        schema = pyarrow.parquet.read_schema(path)
        inside = any({"bytes", "path"} == {inner.name for inner in kind} for kind in schema.types if is_struct(kind))
        return IMAGE_FEATURE if inside else (schema.metadata or {}).get(b"huggingface", b"")
    except (pyarrow.ArrowException, OSError):
        return b""


def _holds_table_of_texts(folder: Path) -> bool:
    tables = (path for path in sorted(folder.rglob("*")) if suffix_of(path) in TABLES and path.is_file())
    return any(holds_classed_texts(path) for path in islice(tables, PEEKED))


def _holds_images(folder: Path) -> bool:
    """Whether a folder holds a picture at any depth, also behind linked folders, as a run reads them."""
    # A link to a folder above leads out of the data, and one to a folder that was read would never end.
    read = folders_around(folder)
    for above, folders, names in os.walk(folder, followlinks=True):
        identity = identity_of(os.stat(above))
        if identity in read:
            folders.clear()
            continue
        read.add(identity)
        if any(Path(name).suffix.lower() in CAMERA_SUFFIXES or is_image(os.path.join(above, name)) for name in names):
            return True
    return False
