"""Lines of a text and its class, divided by a sign that no suffix tells: a semicolon, a bar, a comma or others."""

import re
from collections.abc import Iterator, Sequence

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
    lines = [(number, line) for number, line in lines_of(text) if line.strip(BLANKS)]
    for sign in SIGNS if len(lines) >= FEWEST else ():
        if (commas or sign != ",") and all(line.count(sign) == 1 for _, line in lines):
            cells = [[cell.strip(BLANKS) for cell in line.split(sign)] for _, line in lines]
            named = any(cell.lower() in KNOWN for cell in cells[0])
            rest = cells[named:]
            if all(map(all, rest)) and _names([row[0] for row in rest]) != _names([row[1] for row in rest]):
                pairs = zip([number for number, _ in lines][named:], rest, strict=True)
                return ((number, {"1": first, "2": second}) for number, (first, second) in pairs)
    return None


def classes_first(lines: Sequence[str]) -> str:
    """Numbers or names with a colon that each line begins with, as if they were classes: the first of them; else "".

    Such are `0 Where is my card`, and the `HUM:ind Who is she ?` of TREC.
    """
    first = [line.split(maxsplit=1)[0] for line in lines if " " in line]
    found = sorted({*first})
    several = len(first) == len(lines) >= FEWEST and 1 < len(found) <= len(first) / 2
    return listed(found) if several and all(map(CLASS_FIRST.fullmatch, found)) else ""


def _names(cells: Sequence[str]) -> bool:
    """Whether cells are names of classes: short, several, and each twice on average."""
    different = set(cells)
    return 1 < len(different) <= len(cells) / 2 and all(len(cell.split()) <= FEW for cell in different)
