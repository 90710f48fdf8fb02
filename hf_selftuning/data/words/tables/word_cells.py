"""Cells of tables to lists of words and of tags: read where the meaning is sure, else refused in a sentence."""

import json
from collections.abc import Mapping
from typing import Any

from ...rows.plain_text import BLANKS, check_characters, split_blanks
from ...rows.printed_arrays import literal, printed_array
from ..word_records import Tag

MOST_NESTED = 50
MOST_CHARACTERS = 5_000_000
WORD_KEYS = ("text", "token", "word", "form")
LABEL_KEYS = ("label", "labels", "entity", "entity_group", "entity_type", "type", "tag", "displayName")
"""Keys of the type of a labelled stretch."""


def listed(cell: Any, place: str) -> Any:
    """The list that a cell holds as text: JSON, Python, or an array as NumPy prints it; other cells as they are.

    Raises:
        ValueError: the text is a list that is cut short or cannot be read.
    """
    if not isinstance(cell, str) or not cell.startswith(("[", "('", '("')) or not cell.endswith(("]", ")")):
        return cell
    if len(cell) > MOST_CHARACTERS:
        raise ValueError(f"{place}: a list of {len(cell):,} characters is in one cell; give a sentence a row.")
    if "..." in cell and "'" in cell and "," not in cell:
        raise ValueError(f"{place}: the list was cut short by '...' when it was written; write all of it as JSON.")
    items = printed_array(cell)
    if items is not None:
        return items
    try:
        found = _parsed(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
        if cell[1:2] in "'\"[{":
            raise ValueError(
                f"{place}: {shown(cell)} begins like a list and cannot be read as JSON or Python "
                f"({type(error).__name__}); write lists as JSON."
            ) from error
        return cell
    return list(found) if isinstance(found, tuple) else found if isinstance(found, list) else cell


def word_list(cell: Any, place: str) -> list[str]:
    """The words of a cell: a list, or text whose words are apart by blanks.

    Raises:
        ValueError: it is neither, or one of its words is none.
    """
    found = listed(cell.strip(BLANKS) if isinstance(cell, str) else cell, place)
    if isinstance(cell, str) and (isinstance(found, str) or _is_citation(found)):
        words = split_blanks(cell)
        check_characters(cell, place)
        return words
    if not isinstance(found, list):
        raise ValueError(f"{place}: the words are {shown(found)}; give a list of words, or text with blanks between.")
    if any(isinstance(item, str) for item in found):
        # A whole number among words is the word that it is written as; numbers alone are ids of pieces.
        found = [str(item) if type(item) is int else item for item in found]
    return [_word(item, f"{place}, word {number}") for number, item in enumerate(found, start=1)]


def tag_list(cell: Any, place: str) -> list[Tag]:
    """The tags of a cell: a list of texts or integers, or text whose tags are apart by blanks.

    Raises:
        ValueError: it is neither, or one of its tags is none.
    """
    cell = listed(cell.strip(BLANKS) if isinstance(cell, str) else cell, place)
    if isinstance(cell, str):
        return list(split_blanks(cell))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return [cell]
    if not isinstance(cell, list):
        raise ValueError(
            f"{place}: the tags are {shown(cell)}; give a list with a tag for each word, or of spans with "
            "their start, end and label."
        )
    return [_tag(item, f"{place}, tag {number}") for number, item in enumerate(cell, start=1)]


def shown(value: Any) -> str:
    """A value for a message, cut after 60 characters."""
    text = repr(value[:100] if isinstance(value, str | list) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def is_missing(cell: Any) -> bool:
    """Whether a cell holds nothing: null, not a number, or blanks."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip(BLANKS))


def _is_citation(found: list[Any]) -> bool:
    """Whether text in brackets, such as [12], was taken for a list."""
    return len(found) == 1 and isinstance(found[0], int | float)


def _word(item: Any, place: str) -> str:
    if isinstance(item, Mapping):
        item = next((item[key] for key in WORD_KEYS if isinstance(item.get(key), str)), item)
    if not isinstance(item, str):
        raise ValueError(f"{place}: {shown(item)} is no word; give words as text, or name another column of words.")
    word = item.strip(BLANKS)
    if not word:
        raise ValueError(f"{place}: the word is empty or blank; take it out together with its tag.")
    check_characters(word, place)
    return word


def _tag(item: Any, place: str) -> Tag:
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    if isinstance(item, str):
        item = item.strip(BLANKS)
    if isinstance(item, bool) or not isinstance(item, str | int) or item == "":
        spans = ", or spans with their start, end and label" if isinstance(item, list | Mapping) else ""
        raise ValueError(
            f"{place}: {shown(item)} is no tag; give O, B-type or I-type, or -100 to hide the word{spans}."
        )
    if isinstance(item, str):
        check_characters(item, place)
    return item


def _parsed(cell: str) -> Any:
    if sum(map(cell.count, "[({")) > MOST_NESTED * (1 + len(cell) // 100):
        raise ValueError("nested too deep")
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return literal(cell)
