"""Rows of a JSON file: a list, objects one after the other, columns, or a list inside an object."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .file_text import FilePath
from .json_shapes import rows_inside
from .known_exports import check_export

SPACE = re.compile(r"[ \t\n\r,]*")
DECODER = json.JSONDecoder()
NOTHING = object()
"""Stands for no value; None is the value of `null`."""

Row = tuple[int, Any]


def json_rows(text: str, path: FilePath, names: list[str]) -> Iterator[Row]:
    """Number and value of each row, read one after the other.

    Args:
        text: of the file.
        path: for messages.
        names: filled with the names of integer tags, where they stand beside a list of rows.

    Raises:
        ValueError: it is not JSON, or of a program whose JSON is not read.
    """
    start = _skip(text, 0)
    whole = text.startswith("[", start) and not _line_of_lists(text, start)
    values = _values(text, path, start + 1, "]") if whole else _values(text, path, start, "")
    first = next(values, NOTHING)
    if first is NOTHING:
        return
    check_export(first, path)
    second = next(values, NOTHING)
    if second is NOTHING and isinstance(first, Mapping) and text.startswith("{", start):
        rows = rows_inside(first, names, path)
        check_export(rows, path)
        yield from enumerate(rows, start=1)
        return
    yield 1, first
    if second is not NOTHING:
        yield 2, second
        yield from enumerate(values, start=3)


def texts_as_rows(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows of a column `text` in the place of lone texts, as a list of texts holds them; other rows as they are."""
    return ((number, {"text": row} if isinstance(row, str) else row) for number, row in rows)


def _values(text: str, path: FilePath, start: int, closing: str) -> Iterator[Any]:
    """The values from a place on: all, or those up to the bracket that closes their list."""
    while True:
        start = _skip(text, start)
        if start >= len(text) or (closing and text.startswith(closing, start)):
            if closing and (start >= len(text) or _skip(text, start + 1) < len(text)):
                raise ValueError(
                    f"{path} is neither a JSON list nor JSON lines (its list does not end it); write one."
                )
            return
        try:
            value, start = DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"{path} is neither a JSON list nor JSON lines ({_explained(error, text, start)}); write it as one."
            ) from error
        yield value


def _line_of_lists(text: str, start: int) -> bool:
    """Whether the first line is a list, and the next one begins with another."""
    end = text.find("\n", start)
    return end > 0 and text[:end].rstrip().endswith("]") and text.startswith("[", _skip(text, end))


def _explained(error: Exception, text: str, start: int) -> str:
    if isinstance(error, json.JSONDecodeError):
        return str(error)
    line = text.count("\n", 0, start) + 1
    return f"line {line}: {'nested too deep' if isinstance(error, RecursionError) else error}"


def _skip(text: str, start: int) -> int:
    found = SPACE.match(text, start)
    return found.end() if found else start
