"""Lines of sentences with their tags behind a tab, or in the line below."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ...rows.plain_text import BLANKS, lines_of, split_blanks
from ..tag_schemes import looks_like_tag

PEEKED = 500
FITTING = 0.8
"""The share of sentences with as many tags as words, from which on the others are taken for mistakes in the file."""

Line = tuple[int, str]


def tagged_sentences(text: str) -> tuple[str, Iterator[tuple[int, dict[str, Any]]]] | None:
    """Where the tags stand, and the line, the words and the tags of each sentence; None for any other file.

    Args:
        text: of the file.
    """
    first = list(islice(_filled(text), PEEKED))
    rows = [line.split("\t") for _, line in first]
    named = _places(rows) is None
    places = _places(rows[named:])
    if places is not None:
        layout = f"words in cell {places[0] + 1}, tags in cell {places[1] + 1} of a line"
        return layout + (", names in line 1" if named else ""), islice(_beside(text, *places), int(named), None)
    below = [(words, tags) for (_, words), (_, tags) in zip(first[::2], first[1::2], strict=False)]
    if below and _fit(below):
        return "tags in the line below the words", _below(text)
    return None


def _beside(text: str, words: int, tags: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _filled(text):
        found = dict(enumerate(line.split("\t")))  # names above the sentences may be fewer
        yield number, {"tokens": found.get(words, ""), "tags": found.get(tags, "")}


def _below(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = _filled(text)
    for number, words in lines:
        yield number, {"tokens": words, "tags": next(lines, (number, ""))[1]}


def _filled(text: str) -> Iterator[Line]:
    return ((number, line.strip("\r\n ")) for number, line in lines_of(text) if line.strip(BLANKS))


def _places(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Which cells hold the words and the tags, if all lines have as many cells."""
    widths = {len(row) for row in rows}
    if len(widths) != 1 or not 2 <= (width := widths.pop()) <= 5:
        return None
    pairs = ((words, tags) for words in range(width) for tags in range(width) if words != tags)
    return next(((words, tags) for words, tags in pairs if _fit([(row[words], row[tags]) for row in rows])), None)


def _fit(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether the second of each pair are tags alone, and mostly as many as there are words in the first."""
    counts = [(len(split_blanks(words)), split_blanks(tags)) for words, tags in pairs]
    if not all(tags and all(map(looks_like_tag, tags)) for _, tags in counts):
        return False
    several = sum(len(tags) > 1 for _, tags in counts)
    fitting = sum(words == len(tags) for words, tags in counts)
    marked = any(tag != "O" for _, tags in counts for tag in tags)
    return marked and 2 * several > len(counts) and fitting >= FITTING * len(counts)
