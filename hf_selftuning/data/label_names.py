"""The names of classes that are integers: given one by one, or read from a file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .rows.file_text import read_text
from .rows.json_rows import NAMES_BESIDE, label_list


def read_label_names(given: str | Sequence[str]) -> list[str]:
    """Names in the order of their numbers.

    Args:
        given: the names, one text with commas or blanks between them, or a file: JSON with a list or an `id2label`
            (a model's config.json), or text with a name a line.

    Raises:
        ValueError: the file holds no names.
    """
    names = [given] if isinstance(given, str) else list(given)
    if len(names) != 1:
        return names
    if Path(names[0]).is_file():
        return _from_file(names[0])
    return names[0].replace(",", " ").split()


def _from_file(path: str) -> list[str]:
    text = read_text(path)
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text.split()
    inner = [found[key] for key in NAMES_BESIDE if key in found] if isinstance(found, Mapping) else []
    names = next((names for names in map(label_list, [*inner, found]) if names), None)
    if names is None:
        raise ValueError(
            f"The file {path} holds no names of classes; give a JSON list, or an object with `id2label`, as a model's "
            "config.json has."
        )
    return names
