"""A folder with a sub-folder of text files for each class, or with folders of parts that hold such sub-folders."""

import os
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from ..rows.file_text import read_text, suffix_of
from ..rows.part_names import part_of, parts_of
from ..rows.plain_text import check_characters, counted, listed
from ..rows.refused_folders import check_paired
from ..rows.table_rows import TABLES
from .text_readings import TextReading
from .text_rows import stripped

SUFFIXES = (".txt", ".text", "")
"""Endings of files that are read as texts, perhaps before .gz; those of a number, as in a list of messages, too."""
MARKED = (".md", ".markdown", ".rst", ".log", ".eml")
"""Endings of files that are read as they stand where a folder holds no other text and no table."""
CLASSES = ("development", "evaluation", "extra", "holdout", "heldout")
"""Names of parts that may be names of classes: a folder of that name is a part only if it holds folders of texts."""

Broken = MutableMapping[str, str]
"""Files that cannot be read, and why."""


def read_text_folder(root: Path) -> dict[str, TextReading] | None:
    """The parts of a folder of texts by name; None where it holds no folders of text files.

    Raises:
        ValueError: a file is no text, or the training part has no folders of classes.
    """
    check_paired(root)
    kinds = _kinds(root)
    root = _descend(root, kinds)
    folders = [folder for folder in _folders(root) if _holds_texts(folder, kinds)]
    parts = _parts(folders, kinds)
    others = [folder for folder in folders if folder not in parts.values()]
    train = parts.pop("train", None)
    if train is None and len(others) < 2:
        return None
    readings = {"train": _labeled(root if train is None else train, others if train is None else None, kinds)}
    if train is not None:
        _tell_beside(readings["train"], root, others)
    for part, folder in parts.items():
        readings[part] = _unlabeled(folder, kinds) if part == "unlabeled" else _labeled(folder, None, kinds)
    return readings


def _parts(folders: Sequence[Path], kinds: Sequence[str]) -> dict[str, Path]:
    """The folders that stand for a part by their name; those of one data set may share a word, as `mail_train` does.

    Raises:
        ValueError: two of them stand for the same part.
    """
    deep = parts_of(folder.name for folder in folders if any(_holds_texts(one, kinds) for one in _folders(folder)))
    found: dict[str, Path] = {}
    for folder in folders:
        part = deep.get(folder.name) or _flat_part(folder.name)
        if part in found:
            raise ValueError(
                f"The folders {found[part].name} and {folder.name} in {folder.parent} could both be the {part} part; "
                "join them, or move one of them out and give it by --validation_file, --test_file or --unlabeled_file."
            )
        if part is not None:
            found[part] = folder
    return found


def _flat_part(name: str) -> str | None:
    """The part that the name of a folder stands for, whatever is in it."""
    return None if name.lower() in CLASSES else part_of(name)


def _tell_beside(train: TextReading, root: Path, others: Sequence[Path]) -> None:
    """Say what lies beside the folders of the parts and is not read."""
    if beside := _files_beside(root):
        train.passed_over["files beside the folders of the parts"] = beside
    for folder in others:
        train.doubt(f"the folder {folder.name} stands for no part: {counted(len(_files(folder)), 'file')} not read")


def _files_beside(folder: Path) -> int:
    """How many files lie beside the folders in it; hidden ones do not count."""
    return sum(path.is_file() and not path.name.startswith(".") for path in folder.iterdir())


def check_tables(root: Path) -> None:
    """Refuse a folder of text files that is no folder of classes.

    Raises:
        ValueError: it holds text files, and no data file.
    """
    files = _files(root)
    names = sorted(path.name for path in files if path.suffix.lower() == ".txt")
    if names and not any(suffix_of(path) in (*TABLES, ".arrow") for path in files):
        raise ValueError(
            f"The folder {root} holds text files ({listed(names)}), and no two folders of them; put the texts of each "
            "class into a folder of its own, or write a table with a column of texts and one of classes."
        )


def read_unlabeled_folder(root: Path, broken: Broken | None = None) -> TextReading:
    """All text files of a folder at any depth, without classes.

    Args:
        root: the folder.
        broken: gets the files that cannot be read, with the reasons; without it, the first of them ends the reading.

    Raises:
        ValueError: it holds no text file, or a file is no text.
    """
    check_paired(root)
    reading = _unlabeled(root, _kinds(root), broken)
    if not reading.texts and not broken:
        raise ValueError(f"The folder {root} holds no text file (.txt); put each text into a file of its own.")
    return reading


def holds_text_folders(root: Path) -> bool:
    """Whether a folder holds two folders of text files or more, as classes or parts are kept."""
    kinds = _kinds(root)
    return sum(_holds_texts(folder, kinds) for folder in _folders(_descend(root, kinds))) > 1


def _kinds(root: Path) -> Sequence[str]:
    """The endings of the files that are read as texts."""
    files = _files(root)
    other = any(_is_text(path, SUFFIXES) or suffix_of(path) in (*TABLES, ".arrow") for path in files)
    return SUFFIXES if other else MARKED


def _descend(root: Path, kinds: Sequence[str]) -> Path:
    """The folder itself, or the one in it that alone holds folders of texts, as when an archive was unpacked."""
    while len(inner := [folder for folder in _folders(root) if _holds_texts(folder, kinds)]) == 1:
        if sum(_holds_texts(folder, kinds) for folder in _folders(inner[0])) < 2:
            break
        root = inner[0]
    return root


def _labeled(folder: Path, classes: Sequence[Path] | None, kinds: Sequence[str]) -> TextReading:
    """The texts of class folders; a folder such as `unsup` holds texts without classes.

    Args:
        folder: that holds them.
        classes: the folders of the classes; None takes all in it.
        kinds: endings of the files.
    """
    reading = TextReading(str(folder), layout="a folder for each class")
    classes = [inner for inner in _folders(folder) if _holds_texts(inner, kinds)] if classes is None else classes
    if not classes:
        part = part_of(folder.name)
        stands, way = (f"stands for the {part} part and ", ", or rename it if it is a class") if part else ("", "")
        raise ValueError(
            f"The folder {folder} {stands}holds no folders of text files; put the texts of each class into a folder "
            f"of its own{way}."
        )
    if beside := _files_beside(folder):
        reading.passed_over["files beside the folders of classes"] = beside
    if kinds is MARKED:
        reading.doubt(_as_they_stand(classes[0], kinds))
    for inner in classes:
        _add_files(reading, inner, None if _flat_part(inner.name) == "unlabeled" else inner.name, kinds)
    return reading


def _as_they_stand(folder: Path, kinds: Sequence[str]) -> str:
    name = next(path.name for path in _files(folder) if _is_text(path, kinds))
    return (
        f"files such as {name} are read as they stand, with their marks and the lines above their text; save them as "
        "plain text (.txt) if the model should not see these"
    )


def _unlabeled(folder: Path, kinds: Sequence[str], broken: Broken | None = None) -> TextReading:
    reading = TextReading(str(folder), layout="a file for each text")
    _add_files(reading, folder, None, kinds, broken)
    return reading


def _add_files(
    reading: TextReading, folder: Path, name: str | None, kinds: Sequence[str], broken: Broken | None = None
) -> None:
    for path in _files(folder):
        if not _is_text(path, kinds):
            reading.passed_over[f"files {suffix_of(path)}"] += 1
            continue
        try:
            text = stripped(read_text(path))
            check_characters(text, str(path))
        except (ValueError, OSError) as error:
            if broken is None:
                raise
            broken[str(path)] = str(error)
            continue
        if text:
            reading.add((text,), name, str(path))
        else:
            reading.passed_over["empty files"] += 1


def _folders(root: Path) -> list[Path]:
    inner = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))]
    # A link to a folder above leads out of the data.
    return sorted(path for path in inner if not root.resolve().is_relative_to(path.resolve()))


def _files(folder: Path) -> list[Path]:
    found = [Path(above) / name for above, _, names in os.walk(folder) for name in names]
    return sorted(path for path in found if not path.name.startswith((".", "Thumbs")))


def _holds_texts(folder: Path, kinds: Sequence[str]) -> bool:
    return any(_is_text(path, kinds) for path in _files(folder))


def _is_text(path: Path, kinds: Sequence[str]) -> bool:
    suffix = suffix_of(path)
    return suffix in kinds or suffix[1:].isdigit()
