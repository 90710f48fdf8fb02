"""The data files in a local folder, by the part they belong to, for readers that read each file on their own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from datasets import ClassLabel, load_dataset_builder
from datasets.data_files import DataFilesDict, get_data_patterns
from datasets.exceptions import DataFilesNotFoundError

from .dataset_parts import UNLABELED, chosen_parts, not_loaded, tell_unread
from .rows.file_text import suffix_of

UNLABELED_FILE = re.compile(r"(un|non|no)[_ -]?(label|annotat|supervis)", re.IGNORECASE)
"""How the names of files without tags or classes begin."""


class _Named(Protocol):
    source: str


Read = TypeVar("Read", bound=_Named)


def part_files(name: str, config: str | None, suffixes: Sequence[str]) -> dict[str, list[str]] | None:
    """The files of each part, as the library `datasets` sorts them; None where it has to read them itself.

    Read by that library, all parts would have the class names of the first. It reads what it has saved, data whose
    classes are named in the folder's README.md, and files of other kinds.

    Args:
        name: of the folder.
        config: of the dataset.
        suffixes: of the files that the caller reads.

    Returns:
        The paths under "train", "validation", "test" and "unlabeled", as far as there are any.

    Raises:
        ValueError: there is no data file, or none for training.
    """
    if not Path(name).is_dir() or any((Path(name) / saved).is_file() for saved in ("dataset_dict.json", "state.json")):
        return None
    files = _files(name, config, suffixes)
    if files is None:
        return None
    found = _with_unlabeled(name, files, suffixes)
    if not all(suffix_of(path) in suffixes for paths in found.values() for path in paths):
        return None
    chosen: dict[str, list[str]] = chosen_parts(name, found, also=["unlabeled"])
    tell_unread(name, found, suffixes)
    return chosen | {part: paths for part, paths in found.items() if part == "unlabeled"}


def check_same_names(first: Read, names: Iterable[str] | None, more: Read, others: Iterable[str] | None) -> None:
    """Refuse two files of a part that have other names of classes or tags.

    Args:
        first: what was read of the first file.
        names: its names of classes or tags.
        more: what was read of another file.
        others: the names of that.

    Raises:
        ValueError: the names are not the same.
    """
    here, there = list(names or ()), list(others or ())
    if here != there:
        raise ValueError(f"{more.source} has other class names than {first.source}: {there} and {here}.")


def _files(name: str, config: str | None, suffixes: Sequence[str]) -> Mapping[str, Sequence[str]] | None:
    """The files of each part; None where the folder's README.md names the classes."""
    try:
        builder = load_dataset_builder(name, config)
    except DataFilesNotFoundError as error:  # the library knows not every suffix of word files
        found = _paths(DataFilesDict.from_patterns(get_data_patterns(name), name, allowed_extensions=list(suffixes)))
        if not found:
            raise ValueError(not_loaded(name, error)) from error
        return found
    except Exception as error:
        raise ValueError(not_loaded(name, error)) from error
    features = builder.info.features or {}
    named = any(isinstance(getattr(feature, "feature", feature), ClassLabel) for feature in features.values())
    return None if named else _paths(builder.config.data_files)


def _with_unlabeled(name: str, files: Mapping[str, Sequence[str]], suffixes: Sequence[str]) -> dict[str, list[str]]:
    """The files of each part; those whose names begin with `unlabeled` or the like are a part of their own."""
    paths = [path for path in sorted(Path(name).rglob("*")) if suffix_of(path) in suffixes and path.is_file()]
    pool = {str(path.resolve()): str(path) for path in paths if UNLABELED_FILE.match(path.name)}
    kept = {part: [path for path in inner if str(Path(path).resolve()) not in pool] for part, inner in files.items()}
    inside = [path for part in UNLABELED for path in kept.pop(part, [])]
    unlabeled = [*pool.values(), *inside]
    return {part: inner for part, inner in kept.items() if inner} | ({"unlabeled": unlabeled} if unlabeled else {})


def _paths(files: DataFilesDict | None) -> dict[str, list[str]]:
    return {str(part): list(paths) for part, paths in (files or {}).items() if paths}
