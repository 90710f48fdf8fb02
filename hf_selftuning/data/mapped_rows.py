"""Rows that were read into memory, mapped from a file in the cache of `datasets` in their place."""

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import datasets
import pyarrow
from datasets import Dataset, Features, load_from_disk

OURS = "hf_selftuning"
BATCH = 1000
MAPPED_FROM = 50_000
"""Number of rows from which on they are mapped; fewer take little memory and are encoded in seconds."""


def in_batches(rows: Iterator[dict[str, Any]], features: Features) -> Dataset:
    """The rows as a dataset, mapped if they are many; lists of all of them at once would take many times the memory.

    Args:
        rows: cells by column.
        features: of the columns.
    """
    schema, batches = features.arrow_schema, []
    while some := list(islice(rows, BATCH)):
        batches.append(pyarrow.RecordBatch.from_pylist(some, schema=schema))
    return mapped(Dataset(pyarrow.Table.from_batches(batches, schema=schema).combine_chunks()))


def mapped(dataset: Dataset) -> Dataset:
    """The same rows, mapped from a file if they are many; `map` then keeps what it makes beside that file.

    So a second run on the same rows finds them encoded. `datasets.disable_caching()` leaves them in memory, and
    the environment variable `HF_DATASETS_CACHE` says where the files are.

    Args:
        dataset: rows in memory.
    """
    if len(dataset) < MAPPED_FROM or not datasets.is_caching_enabled():
        return dataset
    # `datasets` recognises a function of this package by its name, so a new version must not find the old one's rows.
    home = Path(datasets.config.HF_DATASETS_CACHE) / OURS / version(OURS)
    folder = home / dataset._fingerprint
    if not folder.exists():
        draft = home / uuid4().hex
        dataset.save_to_disk(draft)
        _rename(draft, folder)
    return load_from_disk(folder)


def _rename(draft: Path, folder: Path) -> None:
    """Give a complete folder its name, unless another process was faster."""
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft)
        if not folder.exists():
            raise
