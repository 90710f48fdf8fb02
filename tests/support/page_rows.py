"""Tables of the pages that say what a file looks like, and whether each of their rows has its check."""

import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

CELL = r"(?:[^|\n]|\\\|)+"
DOCS = Path(__file__).parents[2] / "docs"


def unchecked_rows(page: str, checks: Mapping[str, Any]) -> list[str]:
    """What does not fit between the rows of a page and its checks, each of which has the beginning of its row.

    Args:
        page: such as `your_words.md`; rows are those of its table of three columns.
        checks: in the order of the rows, by their beginnings.
    """
    found = re.findall(rf"^\| ({CELL}) \|{CELL}\|{CELL}\|$", (DOCS / page).read_text(), re.MULTILINE)
    rows = [row for row in found if not row.startswith("your ")]
    pairs = zip_longest(rows, checks, fillvalue="")
    return [f"{row!r}: {begin!r}" for row, begin in pairs if not row or not begin or not row.startswith(begin)]
