"""Texts and classes from a dataset of the Hub, or from a local folder in its layout."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from datasets import ClassLabel, Dataset, List

from ..dataset_parts import load_parts
from ..folder_files import check_same_names, part_files
from ..hub import check_path
from ..rows.label_cells import NoLabelsError
from ..rows.table_rows import TABLES
from .text_columns import LABELS, TextColumns
from .text_files import read_texts_file
from .text_readings import TextReading
from .text_rows import read_rows


def hub_readings(
    name: str, columns: TextColumns, config: str | None = None, revision: str | None = None
) -> dict[str, TextReading]:
    """The parts of a dataset of data files, by its columns of texts and of classes.

    Raises:
        ValueError: the dataset cannot be loaded, or has no column of texts or none of classes.
    """
    check_path(name, "dataset")
    files = part_files(name, config, (*TABLES, ".txt"))
    if files is not None:
        return {part: _joined(paths, f"{name} {part}", columns, part) for part, paths in files.items()}
    parts = load_parts(name, config, revision, unlabeled=True)
    return {part: dataset_reading(dataset, f"{name} {part}", columns, part) for part, dataset in parts.items()}


def _joined(paths: Sequence[str], source: str, columns: TextColumns, part: str) -> TextReading:
    """The files of a part as one; a part other than for training may lack classes, and is then not scored."""
    try:
        first, *others = (read_texts_file(path, columns, labeled=part != "unlabeled") for path in paths)
    except NoLabelsError:
        if part == "train":
            raise
        first, *others = (read_texts_file(path, columns, labeled=False) for path in paths)
    for more in others:
        check_same_names(first, first.names, more, more.names)
        first.join(more)
    return replace(first, source=source) if others else first


def dataset_reading(dataset: Dataset, source: str, columns: TextColumns, part: str = "train") -> TextReading:
    """The texts of a dataset, with their classes.

    If there are several columns of class labels, "label" is taken.

    Args:
        dataset: with a column of texts.
        source: for messages.
        columns: where texts and classes are, as far as it is known.
        part: which one it is; only the training part must have classes.

    Raises:
        ValueError: there is no column of texts, or none of classes.
    """
    inner = {name: getattr(feature, "feature", feature) for name, feature in dataset.features.items()}
    named = {name: list(kind.names) for name, kind in inner.items() if isinstance(kind, ClassLabel)}
    usual = [name for name in LABELS if name in named]
    if columns.label is None and (usual or len(named) == 1):
        columns = TextColumns(columns.text, (usual or list(named))[0], columns.class_names, columns.augmented)
    kept = [name for name, feature in dataset.features.items() if _is_plain(feature)]
    labeled = part == "train" or (part != "unlabeled" and (columns.label is None or columns.label in kept))
    rows = _rows(dataset.select_columns(kept))
    return read_rows(rows, source, columns, labeled=labeled, class_names=named)


def _rows(dataset: Dataset) -> Iterator[tuple[int, Any]]:
    return ((number, dict(row)) for number, row in enumerate(dataset, start=1))


def _is_plain(feature: Any) -> bool:
    """Whether a column holds texts, numbers, or lists of them."""
    inner = feature.feature if isinstance(feature, List) else feature
    return isinstance(inner, ClassLabel) or hasattr(inner, "dtype")
