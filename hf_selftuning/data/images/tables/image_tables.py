"""The images that a table lists, with a class for each."""

from collections import Counter

from ...rows.label_cells import check_single, class_doubts, class_of
from ...rows.part_names import part_of
from ...rows.plain_text import counted, listed
from ..folders.folder_tree import Folder
from ..readings.image_data import unlabeled_images
from ..readings.image_readings import ImageReading
from .label_columns import ImageColumns
from .label_tables import LabelTable, Row
from .table_paths import ImageIndex


def table_readings(
    table: LabelTable, index: ImageIndex, columns: ImageColumns, folder: Folder
) -> dict[str, ImageReading]:
    """The images of a table by part: by its column of parts, or all of it as the part that its name stands for.

    Raises:
        ValueError: images are missing, or labels cannot be read; the message holds the row.
    """
    by_part: dict[str, list[Row]] = {}
    for number, row in table.rows:
        part = part_of(str(row.get(table.part))) if table.part else None
        by_part.setdefault(part or part_of(table.path.stem) or "train", []).append((number, row))
    listed_images = set()
    readings = {}
    for part, rows in by_part.items():
        readings[part] = _reading(table, rows, index, columns, part)
        listed_images |= {value["path"] for value in readings[part].images["image"]}
    first = next(iter(readings.values()))
    first.passed_over += folder.all_passed_over() - Counter({table.path.suffix.lower(): 1})
    unlisted = folder.count - len(listed_images)
    if unlisted > 0:
        first.passed_over["images that no table lists"] = unlisted
    return readings


def _reading(table: LabelTable, rows: list[Row], index: ImageIndex, columns: ImageColumns, part: str) -> ImageReading:
    names = columns.class_names or table.names
    classes: dict[str, str | None] = {}
    missing, repeated = [], 0
    for number, row in rows:
        place = f"{table.path}, row {number}"
        path = index.find(row.get(table.image), part)
        if path is None:
            told = listed(index.several(row.get(table.image)))
            missing.append(f"{row.get(table.image)!r} in row {number}{told and f' is {told}'}")
            continue
        name = class_of(row.get(table.label), names, place) if table.label else None
        if path in classes and classes[path] != name:
            raise ValueError(
                f"{place}: the image {path} has the labels {classes[path]!r} and {name!r}, and a classifier learns "
                "one class an image; keep one row for each image."
            )
        repeated += path in classes
        classes[path] = name
    if missing:
        raise ValueError(
            f"{table.path}: {counted(len(missing), 'image')} of {len(rows):,} cannot be found in {index.folder}, or "
            f"several files fit ({listed(missing)}); put them there, correct the paths so that they lead from the "
            "table's folder, or take the rows out."
        )
    check_single(classes.values(), str(table.path))
    reading = ImageReading(str(table.path), unlabeled_images(list(classes)), layout=_layout(table, part))
    reading.classes = list(classes.values()) if table.label else []
    reading.names = names
    reading.doubts += class_doubts(reading.classes)
    if repeated:
        reading.passed_over["repeated rows"] = repeated
    return reading


def _layout(table: LabelTable, part: str) -> str:
    rows = f"rows with {part} in {table.part!r}, " if table.part else ""
    return f"{rows}paths {table.image!r}" + (f", classes {table.label!r}" if table.label else "")
