"""Rows of a Parquet file, with the names of its class labels."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow
import pyarrow.parquet

from .file_text import FilePath

BATCH = 1024
BYTES_ALWAYS = 64 * 2**20
BYTES_A_BYTE = 100

Row = tuple[int, dict[str, Any]]


def parquet_rows(data: bytes, path: FilePath, class_names: dict[str, list[str]]) -> Iterator[Row]:
    """Number and cells by column of each row.

    Args:
        data: the file.
        path: for messages.
        class_names: filled with the class names of each column that the `datasets` library wrote beside.

    Raises:
        ValueError: it is not Parquet, or holds many times what its size allows for.
    """
    most, held, number = max(BYTES_ALWAYS, BYTES_A_BYTE * len(data)), 0, 0
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        class_names |= _class_names(file.schema_arrow.metadata or {})
        # The counts of single columns are not asked for: where the file is damaged, they end the process.
        groups = range(file.metadata.num_row_groups)
        _check_size(sum(file.metadata.row_group(group).total_byte_size for group in groups), most)
        for batch in file.iter_batches(batch_size=BATCH):
            held += batch.nbytes
            _check_size(held, most)
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"The file {path} is no Parquet file that can be read ({first}); write it again.") from error


def _check_size(held: int, most: int) -> None:
    if held > most:
        raise ValueError(f"it unpacks to {held:,} bytes, and at most {most:,} are taken")


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
        named = {column: feature.get("feature", feature) for column, feature in features.items()}
        return {column: list(inner["names"]) for column, inner in named.items() if inner.get("_type") == "ClassLabel"}
    except (ValueError, AttributeError, KeyError, TypeError):
        return {}
