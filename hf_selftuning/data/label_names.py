"""The names of classes that are integers: given one by one, or read from a file."""

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .rows.file_text import read_text
from .rows.json_shapes import NAMES_BESIDE, label_list
from .rows.plain_text import listed

NAMES_FILE = re.compile(
    r"(id2label|label2id|idx_to_class|class_to_idx|(label|class|tag|categor(y|ie))(e?s)?([_-]?(names?|maps?|mapping|list|set))?)\.(json|txt|names)"
)
"""What a file with the names of classes is usually called."""
NUMBERED = re.compile(r"(\d+)[ \t:,]+(\S.*)|(\S.*?)[ \t:,]+(\d+)")
"""A line that holds a number and a name, or a name and a number."""


def read_label_names(given: str | Sequence[str]) -> list[str]:
    """Names in the order of their numbers.

    Args:
        given: the names, one text with commas or blanks between them, or a file: JSON with a list or an `id2label`
            (a model's config.json), or text with a name a line, perhaps beside its number.

    Raises:
        ValueError: the file holds no names.
    """
    names = [given] if isinstance(given, str) else list(given)
    if len(names) != 1:
        return names
    if Path(names[0]).is_file():
        return _from_file(names[0])
    return names[0].replace(",", " ").split()


def file_of_names(source: str) -> Path | None:
    """A file that may hold the names of integer labels, in the folder of a source or in the source itself."""
    path = Path(source)
    if not path.exists() or not os.access(path.parent, os.R_OK):
        return None
    folders = [path, path.parent] if path.is_dir() else [path.parent]
    files = [file for folder in folders for file in sorted(folder.iterdir())]
    named = (file for file in files if NAMES_FILE.fullmatch(file.name.lower()))
    return next((file for file in named if file != path and file.is_file()), None)


def name_doubts(source: str, names: Sequence[str], *, folders: bool = False) -> list[str]:
    """What looks odd about the names of classes: some look alike, or numbers have names in a file beside the data.

    Args:
        source: file or folder of the data, or the name of a dataset, which has no file beside it.
        names: of the classes, as they were read.
        folders: they are the names of folders, which `--class_names` does not change.
    """
    doubts = []
    alike = alike_names(names)
    if alike:
        doubts.append(
            f"the names of the classes {listed(alike)} differ only in case or blanks, or in signs that are not seen; "
            "write them alike"
        )
    file = file_of_names(source) if names and all(map(str.isdecimal, names)) else None
    if file is not None:
        way = "rename the folders" if folders else f"--class_names {file} reads it"
        told = f"the classes are numbers, and {file.name} beside the data may hold their names, but it was not read"
        doubts.append(f"{told}; {way}")
    return doubts


def alike_names(names: Iterable[str]) -> list[str]:
    """Those of some names of classes that look like another one, as a message shows them.

    They differ in case, in blanks, in signs that are not seen (a zero-width space, a mark of direction), or in the
    Unicode form of a letter (composed or not, full width). Such signs are written as escapes.
    """
    plain = {name: _looks(name) for name in names}
    same = Counter(plain.values())
    return [_escaped(name) for name in plain if same[plain[name]] > 1]


def _looks(name: str) -> str:
    """A name without what is not seen of it."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.split()).casefold()


def _escaped(name: str) -> str:
    """A name whose signs are escapes if it holds some that are not seen, or a letter that has another form."""
    plain = unicodedata.is_normalized("NFKC", name) and (name.isprintable() or name.isspace())
    return name if plain else ascii(name)


def _from_file(path: str) -> list[str]:
    text = read_text(path)
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return _from_lines(text)
    found = found.get("label2id", found) if isinstance(found, Mapping) and "id2label" not in found else found
    if isinstance(found, Mapping) and found and all(isinstance(number, int) for number in found.values()):
        found = {number: name for name, number in found.items()}
    inner = [found[key] for key in NAMES_BESIDE if key in found] if isinstance(found, Mapping) else []
    names = next((names for names in map(label_list, [*inner, found]) if names), None)
    if names is None:
        raise ValueError(
            f"The file {path} holds no names of classes; give a JSON list, or an object with `id2label`, as a model's "
            "config.json has."
        )
    return names


def _from_lines(text: str) -> list[str]:
    """Names a line, in the order of their numbers if each line holds one; a lone line holds names between blanks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = [(found[1] or found[4], found[2] or found[3]) for line in lines if (found := NUMBERED.fullmatch(line))]
    numbered = {int(number): name for number, name in pairs}
    if len(lines) > 1 and sorted(numbered) == list(range(len(lines))):
        return [numbered[number] for number in sorted(numbered)]
    return lines if len(lines) > 1 else text.split()
