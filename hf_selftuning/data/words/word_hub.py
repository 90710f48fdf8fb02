"""Tagged sentences from a dataset of the Hub, or from a local folder in its layout."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from datasets import load_dataset_builder
from datasets.data_files import DataFilesDict, get_data_patterns
from datasets.exceptions import DataFilesNotFoundError

from ..dataset_parts import chosen_parts, load_parts, not_loaded, tell_unread
from ..hub import check_path
from ..rows.file_text import read_bytes, suffix_of
from ..rows.table_rows import TABLES
from .tables.table_columns import WordColumns
from .tables.word_tables import column_names, is_table
from .word_data import WordData, data_of
from .word_files import COLUMN_SUFFIXES, read_sentences
from .word_records import Reading
from .words_in_memory import dataset_reading

READ = (*TABLES, *COLUMN_SUFFIXES, ".txt")
"""The suffixes of files in a folder that are read as files given one by one are."""


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
        parts = load_parts(name, config, revision)
        readings = {part: dataset_reading(dataset, f"{name} {part}", columns) for part, dataset in parts.items()}
    return data_of(name, readings, columns.tag_names, scored=False)


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
    found = _files(name, config)
    if not all(suffix_of(path) in READ for paths in found.values() for path in paths):
        return None
    files = chosen_parts(name, found)
    tell_unread(name, found)
    readings: dict[str, Reading] = {}
    for part, paths in files.items():
        tagged = part == "train" or _has_tags(paths[0], readings["train"])
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
