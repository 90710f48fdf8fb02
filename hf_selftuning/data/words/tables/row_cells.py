"""What the cell of a row holds: running text, words of a tool with their places, or the sentences of a document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from ...rows.plain_text import BLANKS
from ..packed_sentences import next_places
from .word_cells import is_missing, listed


def is_plain(cell: Any) -> TypeGuard[str]:
    """Whether it is text, and not a list written as text."""
    return isinstance(cell, str) and not isinstance(listed_or_none(cell), list)


def has_place(item: Any) -> bool:
    """Whether it is a word of a tool that says where it stands in its text."""
    return isinstance(item, Mapping) and isinstance(item.get("text"), str) and type(item.get("start")) is int


def placed(words: Sequence[str], text: Any) -> tuple[str | None, list[int] | None]:
    """A text and where words begin in it; None where they do not stand in it one after the other."""
    starts = next_places(text, words) if isinstance(text, str) else [-1]
    return (None, None) if -1 in starts else (text, starts)


def listed_or_none(cell: Any) -> Any:
    """The list that a cell holds as text; the cell itself, where it holds none or a broken one."""
    try:
        return listed(cell.strip(BLANKS) if isinstance(cell, str) else cell, "")
    except ValueError:
        return []


def sentences_of(cell: Any, labels: Any, place: str) -> Iterator[tuple[Any, Any]]:
    """The sentences of a row; a list of lists is a document of several, and its tags must be one, too."""
    words = listed_or_none(cell) if isinstance(cell, str) else cell
    if not isinstance(words, list) or not words or not all(isinstance(inner, list) for inner in words):
        yield cell, labels
        return
    tags = listed(labels, place)
    nested = isinstance(tags, list) and all(isinstance(inner, list) for inner in tags)
    missing = is_missing(tags) or tags == []
    if not missing and (not nested or len(tags) != len(words)):
        raise ValueError(f"{place}: the words are {len(words)} lists, and the tags are not; give a sentence a row.")
    yield from zip(words, [None] * len(words) if missing else tags, strict=True)
