"""The cells of a column of labels as names of classes: text, integers with names beside, or no label at all."""

import ast
import json
import math
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from .plain_text import counted, listed
from .printed_arrays import printed_array

DECIMAL = re.compile(r"[+-]?[0-9]+\.[0-9]*(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
"""A number as tables hold it whose integers became decimals: 1.0, also 1. and 1.0e+00."""
COMMA_DECIMAL = re.compile(r"[+-]?[0-9]+,[0-9]+")
MOST_CHARACTERS = 10_000
"""Of a list that a cell holds as text."""
MISSING = {"", "nan", "null", "n/a", "-1"}
"""Cells that hold no class, in lower case."""
NAMED_NONE = {"none", "na"}
"""Names of classes in many data, which may also be what is left of an empty cell."""
EDGES = ({"start", "end"}, {"start_offset", "end_offset"}, {"startOffset", "endOffset"})
"""Keys of the edges of a labelled stretch of text."""
BETWEEN = (",", ";", "|")


class NoLabelsError(ValueError):
    """There are no classes or tags where some must be; the data can be read as unlabelled."""


def class_of(
    cell: Any, names: Sequence[str] | None, place: str, what: str = "image", missing: Container[str] = MISSING
) -> str | None:
    """The name of the class in a cell; None for an example without one: empty, null or -1.

    Args:
        cell: text, an integer, a list of one of them (also written as text, as in a CSV file), or nothing.
        names: of integer labels by index; None takes the integers as names.
        place: for messages.
        what: an example is, for messages.
        missing: cells that hold no class, in lower case.

    Raises:
        ValueError: the cell holds several labels, a number without a name, or something else.
    """
    cell = _unpacked(cell)
    if isinstance(cell, dict) and list(cell) == ["choices"]:
        cell = cell["choices"]  # several classes in Label Studio's JSON-MIN and CSV
    if isinstance(cell, list | tuple):
        _check_spans(cell, place, what)
        if len(cell) > 1:
            raise ValueError(
                f"{place}: the {what} has {len(cell)} labels ({listed(list(map(str, cell)))}), and a classifier "
                f"learns one class for each {what}; keep one label each."
            )
        cell = cell[0] if cell else None
    if isinstance(cell, dict):
        _check_spans([cell], place, what)
        raise ValueError(f"{place}: the label is an object ({cell}); give a name or a number.")
    cell = _integer(cell, place)
    if cell is None or str(cell).strip().lower() in missing:
        return None
    return str(cell).strip() if names is None else _named(cell, names, place)


def _check_spans(items: Sequence[Any], place: str, what: str) -> None:
    """Refuse a label whose items are lists or objects with edges, as labelled stretches of a text are."""
    nested = next((item for item in items if isinstance(item, list | tuple) or is_span_object(item)), None)
    if nested is not None:
        way = ". `hf-selftuning train ner` learns from spans with labels" if what == "text" else ""
        raise ValueError(
            f"{place}: the label holds {str(nested)[:60]}, a list or a span with its start and end, and a classifier "
            f"learns one class for each {what}; give the name of one class, or name another column by "
            f"--label_column_name{way}."
        )


def is_span_object(item: Any) -> bool:
    """Whether it is an object with the edges of a stretch of text, as annotation tools write them."""
    return isinstance(item, dict) and any(keys <= item.keys() for keys in EDGES)


def check_single(labels: Iterable[str | None], source: str, what: str = "image") -> None:
    """Refuse a column of numbers with fractions, or of lists as text, such as "cat,dog" beside "cat" and "dog".

    Raises:
        ValueError: a label consists of others, or most labels are numbers that occur once.
    """
    counts = Counter(label for label in labels if label is not None)
    single = [label for label, count in counts.items() if count == 1 and DECIMAL.fullmatch(label)]
    if 2 * len(single) > len(counts):
        raise ValueError(
            f"{source}: the labels ({listed(single)}) are numbers with fractions, and a classifier learns classes; "
            "name another column by --label_column_name."
        )
    if counts and all(COMMA_DECIMAL.fullmatch(label) for label in counts):
        raise ValueError(
            f"{source}: the labels ({listed([*counts])}) are numbers with a comma, and a classifier learns classes; "
            "name another column by --label_column_name."
        )
    for between in BETWEEN:
        joined = [label for label in counts if between in label]
        pieces = Counter(piece.strip() for label in joined for piece in label.split(between))
        for label in joined:
            if all(piece.strip() in counts or pieces[piece.strip()] > 1 for piece in label.split(between)):
                raise ValueError(
                    f"{source}: the label {label!r} consists of several ones, and a classifier learns one class for "
                    f"each {what}; keep one label each."
                )


def check_one_column(rows: Iterable[Mapping[str, Any]], names: Sequence[str], source: str) -> None:
    """Refuse columns of 0 and 1 alone, of which each stands for a class.

    Raises:
        ValueError: several columns are such.
    """
    if len(names) > 1 and all(
        str(row.get(name)).strip() in ("0", "1", "0.0", "1.0") for row in rows for name in names
    ):
        raise ValueError(
            f"{source}: the columns {list(names)} hold 0 and 1, as if each stood for a class; write the name of the "
            "class into one column, called label."
        )


def class_doubts(labels: Iterable[str | None], what: str = "image") -> list[str]:
    """Doubts about the names of classes: numbers with fractions, as values to predict have, and the class none.

    Args:
        labels: of the examples.
        what: an example is.
    """
    counts = Counter(label for label in labels if label is not None)
    none = sum(count for name, count in counts.items() if name.lower() in NAMED_NONE)
    found = counted(none, f"{what} has", f"{what}s have")
    doubts = [f"{found} the class none; leave the cell empty if it has none"] if none else []
    return doubts + _fraction_doubts(counts)


def _fraction_doubts(names: Iterable[str]) -> list[str]:
    """A doubt if all classes are numbers and some have fractions."""
    fractions = sorted(filter(DECIMAL.fullmatch, names), key=float)
    if not fractions or not all(DECIMAL.fullmatch(name) or name.lstrip("-").isdecimal() for name in names):
        return []
    return [
        f"classes are numbers with fractions ({listed(fractions)}), as if they were values to predict; each is "
        "read as a class of its own, and nothing is known of their order"
    ]


def _unpacked(cell: Any) -> Any:
    """The list or the object that a cell holds as text, such as `['cat']`; any other cell as it is."""
    text = cell.strip() if isinstance(cell, str) else ""
    if (text[:1] + text[-1:]) not in ("[]", "{}") or len(text) > MOST_CHARACTERS:
        return cell
    items = printed_array(text)
    if items is not None:
        return items
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(found, list | dict):
            return found
    return cell


def _integer(cell: Any, place: str) -> Any:
    """A number as an integer, also where a table holds it as 1.0 because some labels are missing."""
    if isinstance(cell, str) and DECIMAL.fullmatch(cell.strip()) and float(cell).is_integer():
        return int(float(cell))
    if not isinstance(cell, float):
        return cell
    if math.isinf(cell):
        raise ValueError(f"{place}: the label {cell} is no number of a class; give a name or a whole number.")
    return None if math.isnan(cell) else int(cell) if cell.is_integer() else str(cell)


def _named(cell: Any, names: Sequence[str], place: str) -> str:
    text = str(cell).strip()
    if isinstance(cell, str) and text in names:
        return text
    if not text.lstrip("-").isdecimal():
        raise ValueError(f"{place}: the label {text!r} is none of the classes {listed(names)}; check --class_names.")
    if not 0 <= int(text) < len(names):
        raise ValueError(
            f"{place}: the label {text} has no name among {len(names)} classes ({listed(names)}); give all of them by "
            "--class_names, in the order of their numbers from 0."
        )
    return names[int(text)]
