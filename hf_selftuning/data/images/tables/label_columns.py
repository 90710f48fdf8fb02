"""Which column of a table holds the images, and which the labels: named, known by name, or the only one that fits."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...rows.label_cells import check_one_column
from ...rows.part_names import part_column
from ...rows.plain_text import listed, natural
from ...rows.present_columns import column_named, present_columns, repeats

IMAGES = ("file_name", "filename", "file", "path", "filepath", "filepaths", "file_path", "image_path", "image",
          "images", "img", "image_name", "image_id", "img_path", "image_file", "name", "id")  # fmt: skip
LABELS = ("label", "labels", "class", "class_name", "classname", "category", "target", "breed", "species",
          "diagnosis", "dx", "tag", "y")  # fmt: skip
FOLDS = ("fold", "folds", "kfold", "k_fold", "cv", "cv_fold", "split")
FOLD = re.compile(r"(fold|split)?[_ -]?\d+(\.0)?")

Record = Mapping[str, Any]


class UnclearColumnsError(ValueError):
    """A table holds images, and it is not clear in which column they or their classes are, or which rows train."""


@dataclass(frozen=True)
class ImageColumns:
    """Where a table or a dataset keeps its images and their classes.

    Args:
        image: the column of images or their paths; None finds it.
        label: the column of classes, likewise.
        class_names: the names behind labels that are integers, by index.
    """

    image: str | None = None
    label: str | None = None
    class_names: Sequence[str] | None = None


def image_column(
    rows: Sequence[Record], columns: ImageColumns, finds: Callable[[Any], bool], source: str
) -> str | None:
    """The column most of whose cells are images; None where there is none.

    Args:
        rows: the first ones of the table.
        columns: as far as they are known.
        finds: whether a cell is an image that is there.
        source: for messages.

    Raises:
        UnclearColumnsError: the column that was named is missing, or several columns would do.
    """
    present = present_columns(rows)
    if columns.image is not None:
        return column_named(columns.image, present, source, "image_column_name", UnclearColumnsError)
    shares = {name: _share(rows, name, finds) for name in present if name != columns.label}
    best = max(shares.values(), default=0)
    fitting = [name for name, share in shares.items() if share == best and share]
    for name in IMAGES:
        known = [one for one in fitting if one.lower() == name]
        if known:
            return known[0]
    if len(fitting) > 1:
        raise _several(fitting, "the images", source, "image_column_name")
    return fitting[0] if fitting else None


def label_column(rows: Sequence[Record], image: str, columns: ImageColumns, source: str) -> str | None:
    """The column of classes; None where there is none.

    Raises:
        UnclearColumnsError: the column that was named is missing, or several would do.
    """
    present = present_columns(rows)
    if columns.label is not None:
        return column_named(columns.label, present, source, "label_column_name", UnclearColumnsError)
    known = [name for name in present if name != image and _plain(name) in LABELS]
    first = next((name for wanted in LABELS for name in known if _plain(name) == wanted), None)
    if (
        len(known) > 1
        and len({_key(rows, name) for name in known}) > 1
        and _plain(str(first)) not in ("label", "labels")
    ):
        raise _several(known, "the classes", source, "label_column_name")
    if first is not None:
        return first
    rest = [name for name in present if name != image and name != part_column(rows) and repeats(rows, name)]
    try:
        check_one_column(rows, rest, source)
    except ValueError as error:
        raise UnclearColumnsError(str(error)) from error
    if len(rest) > 1:
        raise _several(rest, "the classes", source, "label_column_name")
    return rest[0] if rest else None


def check_folds(rows: Sequence[Record], source: str) -> None:
    """Refuse a table that divides its rows into folds, because nothing says which of them train.

    Raises:
        UnclearColumnsError: a column called like a part numbers folds.
    """
    for name in (name for name in present_columns(rows) if _plain(name) in FOLDS):
        cells = {str(cell).lower() for row in rows if (cell := row.get(name)) not in (None, "")}
        if len(cells) > 1 and all(map(FOLD.fullmatch, cells)):
            raise UnclearColumnsError(
                f"{source}: the column {name!r} divides the rows into {len(cells)} folds "
                f"({listed(sorted(cells, key=natural))}), and nothing says which of them to test on; write train and "
                "test in place of the numbers, or take the column out to train on all rows."
            )


def _share(rows: Sequence[Record], name: str, finds: Callable[[Any], bool]) -> float:
    cells = [row.get(name) for row in rows]
    filled = [cell for cell in cells if cell not in (None, "")]
    return sum(map(finds, filled)) / len(filled) if filled else 0.0


def _key(rows: Sequence[Record], name: str) -> tuple[int, ...]:
    """Which rows have equal cells: two columns with the same key divide the rows in the same way."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(str(row.get(name)), place) for place, row in enumerate(rows))


def _plain(name: str) -> str:
    return name.strip().lower()


def _several(names: Sequence[str], what: str, source: str, flag: str) -> UnclearColumnsError:
    return UnclearColumnsError(f"{source}: the columns {list(names)} could all be {what}; name one by --{flag}.")
