"""The columns of a table: which there are, the one that a flag names, and those that may hold classes."""

from collections.abc import Mapping, Sequence
from typing import Any

from .plain_text import shown_names

Record = Mapping[str, Any]


def present_columns(rows: Sequence[Record]) -> list[str]:
    """The names of all columns of some rows."""
    return list(dict.fromkeys(str(name) for row in rows for name in row))


def column_named(
    name: str, present: Sequence[str], source: str, flag: str, error: type[ValueError] = ValueError
) -> str:
    """The column that a flag names, or numbers from 1.

    Args:
        name: what the flag has.
        present: the names of all columns.
        source: for messages.
        flag: its name.
        error: what is raised.

    Raises:
        ValueError: there is no such column.
    """
    if name in present:
        return name
    if name.isdigit() and 1 <= int(name) <= len(present):
        return present[int(name) - 1]
    raise error(f"{source}: there is no column {name!r} among {shown_names(present)}; name one of them by --{flag}.")


def repeats(rows: Sequence[Record], name: str) -> bool:
    """Whether a column may hold classes: it has two values or more, and half as many as rows at the most."""
    cells = [cell for row in rows if (cell := row.get(name)) not in (None, "")]
    try:
        values = {str(cell) for cell in cells}
    except RecursionError:
        return False
    return 1 < len(values) <= max(2, len(cells) / 2) and not any(isinstance(cell, dict | bytes) for cell in cells)
