"""Blanks, lines, counts and broken characters in plain text."""

import re
from collections.abc import Iterable, Iterator, Sequence

BLANKS = " \t\r\n\f\v"
"""What parts words. A no-break space is no blank here: it may be part of a word."""

MISREAD = re.compile("Ã[\x80-\xbf\u0152-\u0178\u02c6-\u02dc\u2013-\u2122]|â\u20ac|Â[\xa0-\xbf]|\u00e3\u20ac")
"""What a letter, a quotation mark or a blank becomes where UTF-8 is read as text of Windows or Latin-1."""

SHOWN = 5
"""Names that a message lists."""


MOST_COLUMNS = 20
"""Columns that a message lists."""

MOST_SHOWN = 40
"""Characters that a message shows of the name of a column."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun, such as "1 word" or "1,200 words"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """The first names, and how many there are more."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def shown_counts(counts: Iterable[tuple[str, int]], most: int | None = None) -> str:
    """Names with their numbers, such as "cat 3, dog 1,200, ..."; at most so many of them."""
    # A folder's name may hold a line break.
    every = [f"{name} {count:,}".replace("\n", "\\n") for name, count in counts]
    more = ", ..." if most is not None and len(every) > most else ""
    return ", ".join(every[:most]) + more


def natural(name: str) -> list[tuple[int, int | str]]:
    """A key that sorts numbers in names by their value: 2 before 10."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"([0-9]+)", name) if part]


def named_twice(names: Sequence[str]) -> list[str]:
    """The names that are there more than once, sorted."""
    return sorted({name for name in names if names.count(name) > 1})


def shown_names(names: Sequence[str]) -> str:
    """The names of columns for a message: in brackets, each cut after 40 characters, and the first 20 of them."""
    found = [repr(name if len(name) <= MOST_SHOWN else name[:MOST_SHOWN] + "...") for name in names[:MOST_COLUMNS]]
    more = f", and {len(names) - MOST_COLUMNS:,} more" if len(names) > MOST_COLUMNS else ""
    return f"[{', '.join(found)}{more}]"


def split_blanks(text: str) -> list[str]:
    """The words of a text, apart by blanks."""
    for blank in BLANKS[1:]:
        if blank in text:
            text = text.replace(blank, " ")
    return [word for word in text.split(" ") if word]


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Lines and their numbers from 1, one at a time, so that no list of them is held."""
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        number += 1
        yield number, text[start:end]
        start = end + 1


def check_characters(text: str, place: str) -> None:
    """Refuse text that no file or tokenizer can take.

    Raises:
        ValueError: it holds half of a character or a zero character.
    """
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{place}: {text[:40]!r} holds half of a character (a lone surrogate); write it whole."
        ) from error
    if "\0" in text:
        raise ValueError(f"{place}: {text[:40]!r} holds a zero character; take it out.")
