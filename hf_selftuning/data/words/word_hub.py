"""Tagged sentences from a dataset of the Hub, or from a local folder in its layout."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from datasets import load_dataset_builder
from datasets.data_files import DataFilesDict, get_data_patterns
from datasets.exceptions import DataFilesNotFoundError

from ..dataset_parts import UNLABELED, chosen_parts, load_parts, not_loaded, tell_unread
from ..hub import check_path
from ..rows.file_text import read_bytes, suffix_of
from ..rows.table_rows import TABLES
from .tables.table_columns import WordColumns
from .tables.word_tables import column_names, is_table
from .word_data import WordData, data_of
from .word_files import COLUMN_SUFFIXES, read_sentences
from .word_gate import pass_gate
from .word_records import Reading
from .words_in_memory import dataset_reading

READ = (*TABLES, *COLUMN_SUFFIXES, ".txt")
"""The suffixes of files in a folder that are read as files given one by one are."""
UNLABELED_FILE = re.compile(r"(un|non|no)[_ -]?(label|annotat|supervis)", re.IGNORECASE)
"""How the names of files with sentences without tags begin."""


def from_hub(
    name: str, config: str | None = None, revision: str | None = None, *, columns: WordColumns | None = None
) -> WordData:
    """Load a dataset of data files (Parquet, JSON lines, ...); class labels keep their order and names.

    Raises:
        ValueError: the name cannot be loaded, or lacks a training part or a column.
    """
    check_path(name, "dataset")
    columns = columns or WordColumns()
    readings = _local_readings(name, config, columns) if Path(name).is_dir() else None
    if readings is None:
        readings = {
            part: dataset_reading(dataset, f"{name} {part}", columns, tagged=part != "unlabeled")
            for part, dataset in load_parts(name, config, revision, unlabeled=True).items()
        }
    more = readings.pop("unlabeled", None)
    data = data_of(name, readings, columns.tag_names, scored=False)
    return data if more is None else data.with_unlabeled(pass_gate(more))


def _local_readings(name: str, config: str | None, columns: WordColumns) -> dict[str, Reading] | None:
    """The readings of a local folder of data files, each file with its own class labels; None where it holds others.

    The `datasets` library would read all parts with the class labels of the first.
    """
    if (Path(name) / "dataset_dict.json").is_file() or (Path(name) / "state.json").is_file():
        return None
    if any(Path(name).rglob("*.ann")):
        raise ValueError(
            f"The folder {name} holds annotations of brat (.ann); write each text and its spans as a row of JSON "
            'lines: {"text": ..., "spans": [{"start": 0, "end": 4, "label": "PER"}]}.'
        )
    found = _with_unlabeled(name, _files(name, config))
    if not all(suffix_of(path) in READ for paths in found.values() for path in paths):
        return None
    files = chosen_parts(name, found, also=["unlabeled"])
    files |= {part: paths for part, paths in found.items() if part == "unlabeled"}
    tell_unread(name, found, READ)
    readings: dict[str, Reading] = {}
    for part, paths in files.items():
        tagged = part == "train" or (part != "unlabeled" and _has_tags(paths[0], readings["train"]))
        before = readings.get("train") if tagged else None
        read = [read_sentences(path, columns, tagged=tagged, before=before) for path in paths]
        readings[part] = _joined(read, f"{name} {part}")
    return readings


def _files(name: str, config: str | None) -> Mapping[str, Sequence[str]]:
    try:
        return _paths(load_dataset_builder(name, config).config.data_files)
    except DataFilesNotFoundError as error:  # the library knows not every suffix of word files
        found = _paths(DataFilesDict.from_patterns(get_data_patterns(name), name, allowed_extensions=list(READ)))
        if not found:
            raise ValueError(not_loaded(name, error)) from error
        return found
    except Exception as error:
        raise ValueError(not_loaded(name, error)) from error


def _with_unlabeled(name: str, files: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The files of each part; those whose names begin with `unlabeled` or the like are a part of their own."""
    paths = [path for path in sorted(Path(name).rglob("*")) if suffix_of(path) in READ and path.is_file()]
    pool = {str(path.resolve()): str(path) for path in paths if UNLABELED_FILE.match(path.name)}
    kept = {part: [path for path in inner if str(Path(path).resolve()) not in pool] for part, inner in files.items()}
    inside = [path for part in UNLABELED for path in kept.pop(part, [])]
    unlabeled = [*pool.values(), *inside]
    return {part: inner for part, inner in kept.items() if inner} | ({"unlabeled": unlabeled} if unlabeled else {})


def _paths(files: DataFilesDict) -> dict[str, list[str]]:
    return {str(part): list(paths) for part, paths in files.items() if paths}


def _has_tags(path: str, train: Reading) -> bool:
    """Whether a file has the column of tags that the training part has."""
    return not is_table(path, read_bytes(path)) or train.label_column in column_names(path)


def _joined(readings: Sequence[Reading], source: str) -> Reading:
    """The files of a part as one; places then name the file that an error stands in already."""
    first = readings[0]
    for more in readings[1:]:
        if list(more.tag_names or ()) != list(first.tag_names or ()):
            raise ValueError(
                f"{more.source} has other class names than {first.source}: {more.tag_names} and {first.tag_names}."
            )
        first.sentences.extend(more.sentences)
        first.passed_over += more.passed_over
        first.doubts += [doubt for doubt in more.doubts if doubt not in first.doubts]
    first.source = source if len(readings) > 1 else first.source
    return first
