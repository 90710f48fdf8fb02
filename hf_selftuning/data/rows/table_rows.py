"""Rows of a table: CSV, TSV, JSON, JSON lines or Parquet, each perhaps packed by gzip."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .csv_rows import csv_rows
from .file_text import PARQUET, FilePath, decode, suffix_of
from .json_rows import json_rows
from .parquet_rows import parquet_rows

TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")


def table_rows(
    path: FilePath,
    data: bytes,
    class_names: dict[str, list[str]],
    *,
    known: Sequence[str],
    has_header: Callable[[str], bool],
) -> Iterator[tuple[int, Any]]:
    """Number and cells of each row.

    Args:
        path: of the file.
        data: its bytes.
        class_names: filled with the names of integer labels by column, or under "" where they stand beside the rows.
        known: names that a header may hold, in lower case.
        has_header: whether the first line of CSV names the columns.

    Raises:
        ValueError: it is no such table.
    """
    if data.startswith(PARQUET) or suffix_of(path) == ".parquet":
        return parquet_rows(data, path, class_names)
    text = decode(data, path)
    if suffix_of(path) in (".csv", ".tsv"):
        return csv_rows(text, path, known, header=has_header(text))
    return json_rows(text, path, class_names.setdefault("", []))
