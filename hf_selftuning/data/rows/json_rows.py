"""Rows of a JSON file: a list, objects one after the other, columns, or a list inside an object."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .file_text import FilePath

SPACE = re.compile(r"[ \t\n\r,]*")
NAMES_BESIDE = ("id2label", "label_names", "names", "labels")
DECODER = json.JSONDecoder()

Row = tuple[int, Any]


def json_rows(text: str, path: FilePath, names: list[str]) -> Iterator[Row]:
    """Number and value of each row, read one after the other.

    Args:
        text: of the file.
        path: for messages.
        names: filled with the names of integer tags, where they stand beside a list of rows.

    Raises:
        ValueError: it is not JSON.
    """
    start = _skip(text, 0)
    whole = text.startswith("[", start) and not _line_of_lists(text, start)
    values = _values(text, path, start + 1, "]") if whole else _values(text, path, start, "")
    first = next(values, None)
    if first is None:
        return
    second = next(values, None)
    if second is None and isinstance(first, Mapping) and text.startswith("{", start):
        yield from enumerate(_inside(first, names), start=1)
        return
    yield 1, first
    if second is not None:
        yield 2, second
        yield from enumerate(values, start=3)


def label_list(value: Any) -> list[str] | None:
    """Names of classes in their order, from a list or from an `id2label`; None where it is neither."""
    if isinstance(value, Mapping):
        try:
            value = [value[key] for key in sorted(value, key=int)] if _counts_up(value) else None
        except (ValueError, TypeError):
            return None
    if isinstance(value, Sequence) and value and all(isinstance(name, str) for name in value):
        return None if isinstance(value, str) else list(value)
    return None


def _counts_up(value: Mapping[Any, Any]) -> bool:
    return sorted(map(int, value)) == list(range(len(value)))


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


def _inside(value: Mapping[str, Any], names: list[str]) -> list[Any]:
    """The rows of a lone object: of a list of rows inside it, of its columns, or itself."""
    lists = [key for key, inner in value.items() if isinstance(inner, list) and inner and _all_objects(inner)]
    one_text = any(key.lower() in ("text", "data") and not isinstance(inner, list) for key, inner in value.items())
    if len(lists) == 1 and not one_text:
        found = (label_list(value[key]) for key in NAMES_BESIDE if key in value)
        names += next((labels for labels in found if labels), [])
        return value[lists[0]]
    columns = {key: _column(inner) for key, inner in value.items()}
    sizes = {len(inner) for inner in columns.values() if inner is not None}
    if len(sizes) == 1 and None not in columns.values() and any(_nested(inner) for inner in columns.values()):
        return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return [value]


def _all_objects(inner: list[Any]) -> bool:
    return all(isinstance(item, Mapping) for item in inner)


def _column(inner: Any) -> list[Any] | None:
    """The cells of a column, which pandas writes as an object of row numbers."""
    if isinstance(inner, Mapping):
        return list(inner.values()) if all(str(key).isdigit() for key in inner) else None
    return inner if isinstance(inner, list) else None


def _nested(inner: list[Any] | None) -> bool:
    # Lists of lists: a column of sentences. A flat list is one sentence.
    return bool(inner) and all(
        isinstance(item, list) or (isinstance(item, str) and " " in item) for item in inner or ()
    )
