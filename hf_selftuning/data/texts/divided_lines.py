"""Lines of a text and its class, divided by a sign that no suffix tells: a semicolon, a bar, a comma or others."""

import re
from collections.abc import Iterator
from itertools import islice

from ..rows.csv_rows import DELIMITERS, RARE
from ..rows.plain_text import BLANKS, lines_of, listed
from .text_columns import KNOWN, LABELS, TEXTS

SIGNS = ("|||", "\t", ";", "|", "^", "~", "\x01", ",")
CLASS_FIRST = re.compile(r"[+-]?\d{1,3}|[A-Za-z_]+:[A-Za-z_]+")
FEWEST = 4
"""Lines below which nothing can be told of a file."""
FEW = 4
"""Words of the name of a class at the most."""


def has_names(text: str) -> bool:
    """Whether the first line names a column of texts and one of classes, as that of a CSV file does."""
    line = text.lstrip().partition("\n")[0]
    found = [{name.strip(BLANKS + '"').lower() for name in line.split(sign)} for sign in DELIMITERS + RARE]
    return any(not names.isdisjoint(TEXTS) and not names.isdisjoint(LABELS) for names in found)


def divided_lines(text: str, *, commas: bool) -> Iterator[tuple[int, dict[str, str]]] | None:
    """The number, and the cells "1" and "2", of each line; None where no sign divides all lines into text and class.

    Each line must hold the sign once, and on one side of it short names come again and again.

    Args:
        text: of the file.
        commas: a comma may be the sign. Lines without classes may begin with the same word and a comma.
    """
    count = sum(1 for _ in _filled(text))
    for sign in SIGNS if count >= FEWEST else ():
        if (commas or sign != ",") and all(line.count(sign) == 1 for _, line in _filled(text)):
            named = any(cell.lower() in KNOWN for _, cells in islice(_divided(text, sign), 1) for cell in cells)
            if _has_classes(text, sign, named, count):
                rows = islice(_divided(text, sign), named, None)
                return ((number, {"1": first, "2": second}) for number, (first, second) in rows)
    return None


def classes_first(text: str) -> str:
    """Numbers or names with a colon that each line begins with, as if they were classes: the first of them; else "".

    Such are `0 Where is my card`, and the `HUM:ind Who is she ?` of TREC.
    """
    found: set[str] = set()
    count = 0
    for _, line in _filled(text):
        first, *rest = line.split(maxsplit=1)
        if not rest or CLASS_FIRST.fullmatch(first) is None:
            return ""
        found.add(first)
        count += 1
    return listed(sorted(found)) if count >= FEWEST and 1 < len(found) <= count / 2 else ""


def _filled(text: str) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in lines_of(text) if line.strip())  # a no-break space shows nothing


def _divided(text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    return ((number, [cell.strip(BLANKS) for cell in line.split(sign)]) for number, line in _filled(text))


def _has_classes(text: str, sign: str, named: bool, count: int) -> bool:
    """Whether all cells below the names hold text, and those of one side alone are names of classes."""
    rows = islice(_divided(text, sign), named, None)
    if not all(all(cells) for _, cells in rows):
        return False
    first, second = (
        _are_names((cells[side] for _, cells in islice(_divided(text, sign), named, None)), count - named)
        for side in (0, 1)
    )
    return first != second


def _are_names(cells: Iterator[str], count: int) -> bool:
    """Whether so many cells are names of classes: short, several, and each twice on average."""
    different: set[str] = set()
    for cell in cells:
        if cell not in different:
            different.add(cell)
            if 2 * len(different) > count or len(cell.split()) > FEW:
                return False
    return len(different) > 1
