"""The rows of a lone object of JSON: a list inside it, its columns, a row under each key, or itself."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .file_text import FilePath
from .part_names import part_of

ONE_ROW = ("text", "data", "content")
"""Keys of an object that is a row itself."""
DOCUMENT = "doc_key"
"""A key of a document whose sentences and spans are lists of as many items, and no columns."""
NAMES_BESIDE = ("id2label", "label_names", "names", "labels")


def rows_inside(value: Mapping[str, Any], names: list[str], path: FilePath) -> Iterable[Any]:
    """The rows of a lone object: of a list of rows inside it, at any depth, of its columns, or itself.

    Raises:
        ValueError: it holds a list of rows for each of several parts.
    """
    if DOCUMENT in value or any(isinstance(value.get(key), str) for key in ONE_ROW):
        return [value]
    lists = _lists_of_rows(value)
    _check_one_part(lists, path)
    lists = _of_texts(value, lists)
    rows = _split_rows(value) or _rows_by_key(value, path)
    if rows:
        return rows
    deeper = [inner for inner in value.values() if isinstance(inner, Mapping) and _lists_of_rows(inner)]
    if not lists and len(deeper) == 1:
        return rows_inside(deeper[0], names, path)
    one_text = any(key.lower() in ONE_ROW and not isinstance(inner, list) for key, inner in value.items())
    if len(lists) == 1 and not one_text:
        found = (label_list(value[key]) for key in NAMES_BESIDE if key in value)
        names += next((labels for labels in found if labels), [])
        return value[lists[0]]
    columns = {key: _column(inner) for key, inner in value.items()}
    sizes = {len(inner) for inner in columns.values() if inner is not None}
    sure = any(isinstance(inner, Mapping) or _nested(columns[key]) for key, inner in value.items())
    if len(sizes) == 1 and None not in columns.values() and sure:
        return (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return [value]


def _lists_of_rows(value: Mapping[str, Any]) -> list[str]:
    return [key for key, inner in value.items() if isinstance(inner, list) and inner and _all_objects(inner)]


def _of_texts(value: Mapping[str, Any], lists: list[str]) -> list[str]:
    """Of several lists of rows the one whose rows have a text; the others name intents and types, as LUIS has them."""
    found = [key for key in lists if any(isinstance(value[key][0].get(name), str) for name in ("text", "content"))]
    return found if len(found) == 1 else lists


def _split_rows(value: Mapping[str, Any]) -> list[Any]:
    """The rows of an object that holds the names of columns and lists of cells, as pandas writes `orient="split"`."""
    names, rows = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(rows, list) or not all(isinstance(name, str) for name in names):
        return []
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return []
    return [dict(zip(names, row, strict=True)) for row in rows]


def _rows_by_key(value: Mapping[str, Any], path: FilePath) -> list[Any]:
    """The rows of an object that holds a row under each key, as pandas writes `orient="index"`.

    A key that is no number is kept as the column `id`.

    Raises:
        ValueError: the keys are parts of the data.
    """
    inner = list(value.values())
    if len(inner) < 2 or not all(isinstance(row, Mapping) and row.keys() == inner[0].keys() for row in inner):
        return []
    _check_one_part(list(value), path)
    if not inner[0] or all(str(key).isdigit() for key in inner[0]):
        return []
    return [row if key.isdigit() else {"id": key, **row} for key, row in value.items()]


def _check_one_part(lists: Sequence[str], path: FilePath) -> None:
    if len(lists) > 1 and all(part_of(key) for key in lists):
        raise ValueError(
            f"{path} holds a list of rows for each of the parts {', '.join(lists)}; write each part into a file of "
            "its own, for --train_file, --validation_file and --test_file, or into one folder."
        )


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
