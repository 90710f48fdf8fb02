"""The parts of a data folder, whether folders of classes or tables of labels tell the classes."""

from collections.abc import Collection, Sequence
from pathlib import Path

from ...rows.part_names import part_of, parts_of
from ..folders.folder_layout import class_folders, descend, find_layout, part_folders
from ..folders.folder_reading import TABLE_SUFFIXES, read_folder
from ..folders.folder_tree import Folder
from ..folders.image_folders import folder_readings, scored_reading, unlabeled_reading
from ..folders.layout_checks import check_layout
from ..folders.named_classes import list_sentence, lists_images, told_list
from ..readings.image_formats import is_image
from ..readings.image_readings import ImageReading
from ..tables.image_tables import table_readings
from ..tables.label_columns import ImageColumns, UnclearColumnsError
from ..tables.label_tables import LabelTable, ambiguous_names, first_rows, open_table, table_of
from ..tables.pictures_inside import addresses_inside
from ..tables.table_paths import ImageIndex, NamesOfImages

Readings = dict[str, ImageReading]

AGREEING = 0.9
"""The share of a table's images whose class is the name of their folder, above which the folders are read."""


def directory_readings(path: Path, columns: ImageColumns, *, skip: Collection[Path] = ()) -> Readings:
    """The parts of a data folder or of a table, under "train" and perhaps "validation", "test" and "unlabeled".

    Folders of parts or of classes are read as such. A table of labels in the folder is read if there are none, or if
    its classes are others than the names of the folders. A table that the user names is the training part, whatever
    its name, unless it holds several parts.

    Args:
        path: of the folder or the table.
        columns: where tables keep images and classes.
        skip: folders inside that are other parts of the data.

    Raises:
        ValueError: the data is in no layout that is read, or has no training part.
    """
    readings = _of_file(path, columns, skip) if path.is_file() else _of_folder(path, columns, skip)
    if path.is_file() and len(readings) == 1:
        return {"train": next(iter(readings.values()))}
    if "train" not in readings:
        raise ValueError(
            f"{path} has no part to train on, only {' and '.join(sorted(readings))}; name a folder or a table in it "
            "`train`, or give one of its tables as --data_dir."
        )
    return readings


def _of_folder(path: Path, columns: ImageColumns, skip: Collection[Path]) -> Readings:
    root = read_folder(path, skip)
    tables, folder = _top_tables(root, columns)
    try:
        layout = check_layout(find_layout(root), root)
    except ValueError as error:
        readings = _of_tables(tables, folder, columns) if tables else _of_part_tables(descend(root), columns)
        if readings is None:
            raise ValueError(f"{error}{_of_other_kind(root) or _of_other_table(root, columns)}") from error
        return readings
    by_parts = layout.train is not descend(root)
    if by_parts or not any(table.label for table in tables) or _agree(tables, folder):
        if columns.class_names is not None:
            raise ValueError(
                f"--class_names names labels that are integers in a table, and in {path} folders tell the classes; "
                "rename the folders, or leave the flag out."
            )
        readings = folder_readings(root, layout)
        readings["train"].doubts += [] if tables else _ambiguous_tables(root)
        return readings
    return _of_tables(tables, folder, columns)


def _ambiguous_tables(root: Folder) -> list[str]:
    """A doubt for each table that folders of classes hide, because its names stand for several images."""
    top, told = descend(root), []
    if not top.tables:
        return []
    index = ImageIndex(top.path, top.all_images())
    for path in top.tables:
        try:
            told.append(ambiguous_names(path, index))
        except ValueError:
            continue
    return [f"{one}, to have its classes instead of the folders" for one in told if one]


def read_test_part(path: Path, names: Sequence[str], columns: ImageColumns) -> ImageReading:
    """The images of a test folder or of a table, with the classes that training knows.

    Raises:
        ValueError: the data cannot be read, or has other classes.
    """
    if path.is_file():
        return next(iter(_of_file(path, columns, ()).values()))
    folder = read_folder(path)
    if not class_folders(folder):
        tables = table_of(folder, columns)
        if tables:
            return next(iter(_of_tables(tables, folder, columns).values()))
    return scored_reading(folder, names)


def names_images(path: Path) -> bool:
    """Whether a file is a table with paths that lead from its folder to images, or with names of image files."""
    if Path(path.name.lower().removesuffix(".gz")).suffix not in TABLE_SUFFIXES:
        return False
    try:
        return open_table(path, NamesOfImages(path.parent, ()), ImageColumns()) is not None
    except UnclearColumnsError:
        return True
    except ValueError:
        return False


def _of_file(path: Path, columns: ImageColumns, skip: Collection[Path]) -> Readings:
    if lists_images(path):
        raise ValueError(f"{path.parent}: {list_sentence(path)}.")
    if is_image(str(path)) or Path(path.name.lower().removesuffix(".gz")).suffix not in TABLE_SUFFIXES:
        raise ValueError(
            f"{path} is neither a folder nor a table of labels ({', '.join(sorted(TABLE_SUFFIXES))}); unpack an "
            "archive, and give the folder."
        )
    folder = read_folder(path.parent, skip)
    if not folder.count:  # such as a folder of annotations beside that of the images
        folder = read_folder(path.parent.resolve().parent, skip)
    index = ImageIndex(folder.path, folder.all_images(), start=path.parent)
    table = open_table(path, index, columns)
    if table is None:
        if folder.path == path.parent:  # of a folder above, other data may have the same names
            _check_ambiguous(path, index)
        raise ValueError(
            f"{path}: no column holds paths of images in {folder.path}; name it by --image_column_name, and write "
            f"paths that lead from the table's folder to the images{_of_images_inside(path)}."
            f"{addresses_inside(first_rows(path, index))}"
        )
    return table_readings(table, index, columns, folder)


def _check_ambiguous(path: Path, index: ImageIndex) -> None:
    told = ambiguous_names(path, index)
    if told:
        raise ValueError(f"{path.parent}: {told}.")


def _of_images_inside(path: Path) -> str:
    """What to do with a file that may hold the images themselves."""
    if path.suffix.lower() != ".parquet":
        return ""
    return f". If the file holds the images themselves, give its folder by --dataset_name {path.parent}"


def _top_tables(root: Folder, columns: ImageColumns) -> tuple[list[LabelTable], Folder]:
    """The tables of a folder, or of the folder in it that holds everything, and that folder."""
    for folder in dict.fromkeys((root, descend(root))):
        tables = table_of(folder, columns)
        if tables:
            return tables, folder
    return [], root


def _of_tables(tables: Sequence[LabelTable], folder: Folder, columns: ImageColumns) -> Readings:
    """The parts of one table, or of several whose names stand for parts.

    Raises:
        ValueError: several tables could hold the labels.
    """
    parts = parts_of(table.path.stem for table in tables)
    chosen = [table for table in tables if parts.get(table.path.stem)] or list(tables)
    stands = [parts.get(table.path.stem) or "train" for table in chosen]
    if len(set(stands)) < len(chosen):
        names = [table.path.name for table in chosen]
        raise ValueError(
            f"The tables {', '.join(names)} in {folder.path} could all hold the labels; give one of them as "
            "--data_dir."
        )
    index = ImageIndex(folder.path, folder.all_images())
    readings: Readings = {}
    for table in chosen:
        readings |= table_readings(table, index, columns, folder)
    pool = [inner for inner in folder.filled if part_of(inner.name) == "unlabeled"]
    if pool and "unlabeled" not in readings:
        readings["unlabeled"] = unlabeled_reading(pool[0])
        if "train" in readings:
            _count_unlisted(readings["train"], pool[0].count)
    return readings


def _count_unlisted(reading: ImageReading, others: int) -> None:
    kind = "images that no table lists"
    reading.passed_over[kind] = max(reading.passed_over[kind] - others, 0)


def _of_part_tables(top: Folder, columns: ImageColumns) -> Readings | None:
    """The parts of a folder whose folders of parts each hold a table; None where the training part holds none.

    Raises:
        ValueError: two folders stand for the same part.
    """
    readings: Readings = {}
    for part, folder in part_folders(top).items():
        tables = table_of(folder, columns)
        if tables:
            readings[part] = next(iter(_of_tables(tables, folder, columns).values()))
        elif part != "train":
            readings[part] = unlabeled_reading(folder)
    return readings if "train" in readings else None


def _agree(tables: Sequence[LabelTable], folder: Folder) -> bool:
    """Whether the classes in the tables are the names of the folders that the images are in."""
    index = ImageIndex(folder.path, folder.all_images())
    rows = [(table, row) for table in tables if table.label for _, row in table.rows]
    found = [(index.find(row.get(table.image)), row.get(str(table.label))) for table, row in rows]
    same = [str(label) == Path(path).parent.name for path, label in found if path is not None]
    return not same or sum(same) >= AGREEING * len(same)


def _of_other_table(root: Folder, columns: ImageColumns) -> str:
    """Why the first table in a folder does not tell the classes of its images."""
    top = descend(root)
    path = next(iter([*root.tables, *top.tables]), None)
    if path is None:
        return ""
    index = ImageIndex(top.path, top.all_images(), start=Path(path).parent)
    try:
        open_table(path, index, columns)
        ambiguous = ambiguous_names(path, index)
        addresses = addresses_inside(first_rows(path, index))
    except ValueError as error:
        return f" Its table cannot be read: {error}"
    if ambiguous:
        return f" {ambiguous[0].upper()}{ambiguous[1:]}."
    return addresses if not root.count else f" No column of {path} holds names of these images.{addresses}"


def _of_other_kind(root: Folder) -> str:
    """What to do with a folder of data files that hold the images themselves."""
    kinds = root.all_passed_over()
    saved = any((root.path / name).is_file() for name in ("dataset_dict.json", "dataset_info.json", "state.json"))
    if not root.count and (kinds[".parquet"] or kinds[".arrow"] or saved):
        return f" If its files hold the images, give it as --dataset_name {root.path}."
    if not root.count and any(kinds[kind] for kind in (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")):
        return " Unpack the archive in it first."
    if any(kinds[kind] for kind in (".xlsx", ".xls", ".ods")):
        return " Export the spreadsheet in it as CSV, if it holds the labels."
    told = told_list(root.path)
    return f" The file {told}." if told else ""
