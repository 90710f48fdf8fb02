"""Columns that would do as words or tags besides those that are read, for a doubt that names them."""

from collections.abc import Mapping, Sequence
from typing import Any

from .column_fit import Record, fits, items, several, texts
from .table_columns import LABELS, WORDS, Found
from .word_cells import WORD_KEYS

NAMES_OF_WORDS = {name for group in WORDS for name in group}
NAMES_OF_TAGS = {name for group in LABELS[:-1] for name in group}
"""Without those of parts of speech, which stand beside the tags of entities in many data."""


def other_words(rows: Sequence[Record], found: Found, *, besides: str | None) -> list[str]:
    """Doubts that name columns with other words than the column that is read.

    Args:
        rows: the first ones of a table.
        found: its columns.
        besides: the column that numbers sentences.
    """
    present = list(dict.fromkeys(str(name) for row in rows for name in row if name not in (found.text, besides)))
    others = [name for name in present if name.lower() in NAMES_OF_WORDS and not found.spans]
    return [
        f"the column {name!r} fits as words, too, and holds others than {found.text!r}, which is read; "
        f"--text_column_name {name} reads it"
        for name in others
        if _would_do_as_words(rows, name, found)
    ]


def other_tags(rows: Sequence[Record], found: Found) -> list[str]:
    """Doubts that name columns with other tags than the column that is read.

    Args:
        rows: the first ones of a table.
        found: its columns.
    """
    return [
        f"the column {name!r} fits as tags, too, and holds others than {found.labels!r}, which is read; "
        f"--label_column_name {name} reads it"
        for name in found.others
        if name.lower() in NAMES_OF_TAGS and _differ(rows, name, str(found.labels))
    ]


def _would_do_as_words(rows: Sequence[Record], name: str, found: Found) -> bool:
    """Whether a column holds several words a row, as many as there are tags, and not those that are read."""
    if not texts(rows, name) or not several(rows, name) or not _differ(rows, name, found.text):
        return False
    return found.labels is None or fits(rows, name, found.labels)


def _differ(rows: Sequence[Record], one: str, other: str) -> bool:
    """Whether two columns hold something else, whatever blanks stand in it."""
    return any(_letters(row.get(one)) != _letters(row.get(other)) for row in rows)


def _letters(cell: Any) -> str:
    """The words of a cell without what stands between them; words may be objects of a tool."""
    found = [item if isinstance(item, Mapping) else {"text": item} for item in items(cell)]
    words = [next((item[key] for key in WORD_KEYS if key in item), item) for item in found]
    return "".join("".join(map(str, words)).split())
