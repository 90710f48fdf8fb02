"""Tables whose rows name images: CSV, TSV, JSON, JSON lines or Parquet, also packed by gzip."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...rows.class_exports import as_record
from ...rows.csv_rows import csv_rows
from ...rows.file_text import PARQUET, decode, read_bytes, suffix_of
from ...rows.json_rows import json_rows
from ...rows.parquet_rows import parquet_rows
from ...rows.part_names import PART_COLUMNS, part_column, part_of
from ...rows.plain_text import listed
from ...rows.present_columns import present_columns
from ..folders.folder_tree import Folder
from .label_columns import (
    IMAGES,
    LABELS,
    ImageColumns,
    UnclearColumnsError,
    check_folds,
    image_column,
    label_column,
)
from .pictures_inside import pictures_inside
from .table_paths import ImageIndex

PEEKED = 1000
"""Rows by which columns are found."""

METADATA = "metadata"
"""The name of the table that the library `datasets` reads beside images."""

Row = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True)
class LabelTable:
    """A table whose rows name images.

    Args:
        path: of the file.
        rows: with their numbers from 1.
        image: the column of the paths.
        label: the column of the classes; None where there is none.
        part: the column that says to which part a row belongs; None where there is none.
        names: of classes by index, where the file has them.
    """

    path: Path
    rows: list[Row]
    image: str
    label: str | None
    part: str | None
    names: list[str] | None


def open_table(path: str | Path, index: ImageIndex, columns: ImageColumns) -> LabelTable | None:
    """The table in a file; None if none of its columns names images.

    Raises:
        ValueError: the file is no table, several columns would do, or a column holds the images themselves.
    """
    path, class_names = Path(path), dict[str, list[str]]()
    rows = [(number, row) for number, row in _rows(path, index, class_names) if isinstance(row, Mapping) and row]
    peeked = [row for _, row in rows[:PEEKED]]
    image = image_column(peeked, columns, lambda cell: index.find(cell, part_of(path.stem)) is not None, str(path))
    if image is None:
        inside = pictures_inside(peeked)
        if inside is not None:
            raise UnclearColumnsError(f"{path}: {inside}.")
        return None
    check_folds(peeked, str(path))
    label = label_column(peeked, image, columns, str(path))
    names = class_names.get(label or "") or class_names.get("") or None
    return LabelTable(path, rows, image, label, part_column(peeked), names)


def ambiguous_names(path: str | Path, index: ImageIndex) -> str:
    """What is said of a table most of whose names in a column stand for several images each; nothing of others."""
    rows = first_rows(path, index)
    for name in present_columns(rows):
        cells = [cell for row in rows if (cell := row.get(name)) not in (None, "")]
        found = {str(cell): several for cell in cells if (several := index.several(cell))}
        if 2 * len(found) > len(cells):
            cell, several = next(iter(found.items()))
            return (
                f"the name {cell!r} in the column {name!r} of {Path(path).name} stands for {len(several)} images "
                f"({listed(several)}); write paths that lead from the table's folder, such as {several[0]}"
            )
    return ""


def first_rows(path: str | Path, index: ImageIndex) -> list[Mapping[str, Any]]:
    """The first rows of the table in a file."""
    return [row for _, row in islice(_rows(Path(path), index, {}), PEEKED) if isinstance(row, Mapping)]


def table_of(folder: Folder, columns: ImageColumns, index: ImageIndex | None = None) -> list[LabelTable]:
    """The tables in a folder that name its images; one called metadata comes before all others.

    Raises:
        ValueError: a table called metadata cannot be read.
    """
    if not folder.tables:
        return []
    index = index or ImageIndex(folder.path, folder.all_images())
    metadata = [path for path in folder.tables if Path(path).stem.lower() == METADATA]
    found = [table for path in metadata if (table := open_table(path, index, columns)) is not None]
    return found or _fitting_tables([path for path in folder.tables if path not in metadata], index, columns)


def _fitting_tables(paths: Sequence[str], index: ImageIndex, columns: ImageColumns) -> list[LabelTable]:
    """Those of some files that are tables of images; a file beside images may be anything.

    Raises:
        UnclearColumnsError: no table fits, and in one of them the column that is needed is missing or not clear.
    """
    found, errors = [], []
    for path in paths:
        if "submission" in Path(path).stem.lower():
            continue
        try:
            found.append(open_table(path, index, columns))
        except UnclearColumnsError as error:
            errors.append(error)
        except ValueError:
            continue
    tables = [table for table in found if table is not None]
    if errors and not tables:
        raise errors[0]
    return tables


def _rows(path: Path, index: ImageIndex, class_names: dict[str, list[str]]) -> Iterable[tuple[int, Any]]:
    data = read_bytes(path)
    if data.startswith(PARQUET) or suffix_of(path) == ".parquet":
        return parquet_rows(data, path, class_names)
    text, known = decode(data, path), (*IMAGES, *LABELS, *PART_COLUMNS)
    if suffix_of(path) in (".csv", ".tsv"):
        _, first = next(iter(csv_rows(text, path, known, header=False)), (1, {}))
        # A first line that names an image is a row: the table has no header, and its columns are "1", "2" and so on.
        return csv_rows(text, path, known, header=not any(index.find(cell) for cell in first.values() if cell))
    rows = [
        (number, _task(row, f"{path}, row {number}"))
        for number, row in json_rows(text, path, class_names.setdefault("", []))
    ]
    return _unfolded(rows[0][1], index) if len(rows) == 1 and isinstance(rows[0][1], Mapping) else rows


def _task(row: Any, place: str) -> Any:
    """The columns of a task of Label Studio with the label that was chosen, or of a list; any other row as it is."""
    if isinstance(row, list):
        return {str(place): cell for place, cell in enumerate(row, start=1)}
    if not isinstance(row, Mapping) or not isinstance(row.get("data"), Mapping):
        return row
    record, skipped = as_record(row, place)
    return {**record, "label": None} if skipped else record


def _unfolded(value: Mapping[str, Any], index: ImageIndex) -> list[Row]:
    """The rows of a lone object: of its columns, or of a class for each path; else the object is a row itself."""
    if all(isinstance(inner, list) for inner in value.values()) and len({*map(len, value.values())}) == 1:
        rows = zip(*value.values(), strict=True)
        return [(number, dict(zip(value, cells, strict=True))) for number, cells in enumerate(rows, start=1)]
    if value and all(index.find(path) for path in value):
        pairs = enumerate(value.items(), start=1)
        return [(number, {"image": path, "label": label}) for number, (path, label) in pairs]
    return [(1, value)]
