"""Tagged sentences from a dataset of the Hub, or from a local folder in its layout."""

from collections.abc import Sequence
from pathlib import Path

from ..dataset_parts import load_parts
from ..folder_files import check_same_names, part_files
from ..hub import check_path
from ..rows.file_text import read_bytes
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
    """The readings of a local folder of data files; None where the library `datasets` has to read it."""
    if any(Path(name).rglob("*.ann")):
        raise ValueError(
            f"The folder {name} holds annotations of brat (.ann); write each text and its spans as a row of JSON "
            'lines: {"text": ..., "spans": [{"start": 0, "end": 4, "label": "PER"}]}.'
        )
    files = part_files(name, config, READ)
    if files is None:
        return None
    readings: dict[str, Reading] = {}
    for part, paths in files.items():
        tagged = part == "train" or (part != "unlabeled" and _has_tags(paths[0], readings["train"]))
        before = readings.get("train") if tagged else None
        read = [read_sentences(path, columns, tagged=tagged, before=before) for path in paths]
        readings[part] = _joined(read, f"{name} {part}")
    return readings


def _has_tags(path: str, train: Reading) -> bool:
    """Whether a file has the column of tags that the training part has."""
    return not is_table(path, read_bytes(path)) or train.label_column in column_names(path)


def _joined(readings: Sequence[Reading], source: str) -> Reading:
    """The files of a part as one; places then name the file that an error stands in already."""
    first = readings[0]
    for more in readings[1:]:
        check_same_names(first, first.tag_names, more, more.tag_names)
        first.sentences.extend(more.sentences)
        first.passed_over += more.passed_over
        first.doubts += [doubt for doubt in more.doubts if doubt not in first.doubts]
    first.source = source if len(readings) > 1 else first.source
    return first
