"""Checks of the cells that a tokenizer reads: its own error would name neither the column nor the cell."""

from collections.abc import Iterable
from typing import Any


def check_texts(column: str, cells: Iterable[Any]) -> None:
    """Refuse what is no text.

    Raises:
        ValueError: a cell is empty, a number or a list.
    """
    for cell in cells:
        if not isinstance(cell, str):
            raise ValueError(
                f"The column {column!r} holds {cell!r} in the place of a text; leave such rows out by dataset.filter, "
                "or replace them by texts."
            )


def check_sentences(column: str, cells: Iterable[Any]) -> None:
    """Refuse what is no list of words, such as a text, whose characters would pass for words.

    Raises:
        ValueError: a cell is empty or a text, or one of its words is no text.
    """
    for cell in cells:
        if cell is None or isinstance(cell, str):
            raise ValueError(
                f"The column {column!r} holds {cell!r} in the place of a list of words; split texts into words, as by "
                "text.split(), and leave empty rows out by dataset.filter."
            )
        check_texts(column, cell)
