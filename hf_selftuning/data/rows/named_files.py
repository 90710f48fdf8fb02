"""Tables whose cells name files of texts or sounds, where the texts themselves are wanted."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .present_columns import present_columns

NAMED = re.compile(r"\S(.*[^.])?\.(txt|md|html?|xml|json|pdf|docx?|eml|wav|mp3|flac|ogg|mp4|avi)", re.IGNORECASE)


def told_files(rows: Sequence[Mapping[str, Any]]) -> str:
    """What is added to a message if a column names files; else nothing.

    Args:
        rows: the first ones of the table.
    """
    for name in present_columns(rows):
        cells = [cell for row in rows if (cell := row.get(name)) not in (None, "")]
        if cells and all(isinstance(cell, str) and NAMED.fullmatch(cell) for cell in cells):
            return (
                f" The column {name!r} names files ({cells[0][:60]}), which are not opened; write their texts into a "
                "column of the table, called text."
            )
    return ""
