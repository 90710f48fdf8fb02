"""Rows that were read into memory, mapped from a file in the cache of `datasets` in their place."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import datasets
import pyarrow
from datasets import Dataset, Features
from datasets.table import MemoryMappedTable

OURS, FILE = "hf_selftuning", "rows.arrow"
BATCH, DIGEST = 1000, 8
MAPPED_FROM = 50_000
"""Number of rows from which on they are mapped; fewer take little memory and are encoded in seconds."""


def in_batches(rows: Iterator[dict[str, Any]], features: Features) -> Dataset:
    """The rows as a dataset, mapped from a file if they are many; `map` then keeps what it makes beside that file.

    So a second run on the same rows finds them encoded. `datasets.disable_caching()` leaves them in memory, and
    the environment variable `HF_DATASETS_CACHE` says where the files are.

    Args:
        rows: cells by column.
        features: of the columns.
    """
    schema, first = features.arrow_schema, list[pyarrow.RecordBatch]()
    made, count = _batches(rows, schema), 0
    for batch in made:
        first.append(batch)
        count += len(batch)
        if count >= MAPPED_FROM and datasets.is_caching_enabled():
            return _mapped(chain(first, made), schema)
    return Dataset(pyarrow.Table.from_batches(first, schema=schema).combine_chunks())


def _batches(rows: Iterator[dict[str, Any]], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    while some := list(islice(rows, BATCH)):
        yield pyarrow.RecordBatch.from_pylist(some, schema=schema)


def _mapped(batches: Iterable[pyarrow.RecordBatch], schema: pyarrow.Schema) -> Dataset:
    """The rows of some batches, mapped from a file that is named after its content."""
    # `datasets` recognises a function of this package by its name, so a new version must not find the old one's rows.
    home = Path(datasets.config.HF_DATASETS_CACHE) / OURS / version(OURS)
    home.mkdir(parents=True, exist_ok=True)
    draft = home / uuid4().hex
    try:
        fingerprint = _written(draft, batches, schema)
        path = home / fingerprint / FILE
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return Dataset(MemoryMappedTable.from_file(str(path)), fingerprint=fingerprint)


def _written(path: Path, batches: Iterable[pyarrow.RecordBatch], schema: pyarrow.Schema) -> str:
    """Write batches to a file, and return a digest of them; for its own, `datasets` would pickle all rows at once."""
    digest = hashlib.blake2b(schema.serialize(), digest_size=DIGEST)
    with pyarrow.OSFile(str(path), "wb") as sink, pyarrow.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            digest.update(batch.serialize())
    return digest.hexdigest()
