"""What the cells of a table's column look like: words, tags, or labelled stretches of characters."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...rows.plain_text import BLANKS, split_blanks
from ..tag_schemes import looks_like_tag
from .labelled_spans import ENDS, parts_of_span
from .word_cells import is_missing, listed
from .word_offsets import numbered_words

TEXTS = ("text", "sentence", "sentences", "document", "content")
"""Names of columns that hold running text."""

Record = Mapping[str, Any]


def is_span(item: Any) -> bool:
    """Whether it is a labelled stretch: two edges and a label, also the label first, or an object of these."""
    if isinstance(item, Mapping):
        return all(any(name in item for name in names) for names in ENDS.values()) or numbered_words(item) is not None
    edges, label, _ = parts_of_span(item)
    return bool(edges) and all(type(edge) is int for edge in edges) and isinstance(label, str)


def texts(rows: Sequence[Record], name: str) -> bool:
    """Whether the column holds text, or lists of text or of objects."""
    cells = [row.get(name) for row in rows if not is_missing(row.get(name))]
    return bool(cells) and all(isinstance(cell, str | list) for cell in cells)


def several(rows: Sequence[Record], name: str) -> bool:
    """Whether some row has more than one item in the column."""
    return any(len(items(row.get(name))) > 1 for row in rows)


def all_tags(rows: Sequence[Record], name: str) -> bool:
    """Whether the column holds tags alone: O, B-type, integers, or labelled stretches."""
    found = [item for row in rows for item in items(row.get(name))]
    return bool(found) and all(isinstance(item, int) or is_span(item) or looks_like_tag(str(item)) for item in found)


def items(value: Any) -> list[Any]:
    """The items of a cell: of a list, of a list as text, or of text with blanks; none of anything else."""
    try:
        value = listed(value.strip(BLANKS), "") if isinstance(value, str) else value
    except ValueError:
        return []
    return split_blanks(value) if isinstance(value, str) else value if isinstance(value, list) else []


def fits(rows: Sequence[Record], text: str, name: str) -> bool:
    """Whether some row has as many items in the column as words, or labelled stretches of its text."""
    for row in rows:
        found, words = items(row.get(name)), items(row.get(text))
        if found and all(map(is_span, found)):
            return True
        if found and len(found) == len(words) and not any(isinstance(item, dict | float) for item in found):
            return True
    return False


def are_spans(rows: Sequence[Record], text: str, labels: str) -> bool:
    """Whether the labels are stretches of characters of the text."""
    cells = [items(row.get(labels)) for row in rows]
    if any(cell and all(map(is_span, cell)) for cell in cells):
        return True
    # Without any label yet, the names tell: an empty "entities" beside a "text" is a text without entities.
    plain = text.lower() in TEXTS and labels.lower() in ("spans", "entities", "label", "labels", "ents")
    return plain and not any(cells) and any(isinstance(row.get(labels), list) for row in rows)
