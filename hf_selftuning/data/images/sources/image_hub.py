"""Images and classes from a dataset of the Hub, or from a local folder in its layout."""

from collections.abc import Sequence
from typing import Any

from datasets import ClassLabel, Dataset
from datasets import Image as ImageColumn

from ...dataset_parts import load_parts
from ...rows.label_cells import check_single, class_doubts, class_of
from ..readings.image_data import CLOSED
from ..readings.image_readings import ImageReading
from ..tables.label_columns import LABELS, ImageColumns, label_column

PEEKED = 1000
"""Rows by which a column of classes is found."""

BYTES = {"bytes", "path"}
"""The fields of a column of images that lost its feature."""


def hub_readings(
    name: str, columns: ImageColumns, config: str | None = None, revision: str | None = None
) -> dict[str, ImageReading]:
    """The parts of a dataset of data files, by its column of images and its column of classes.

    Raises:
        ValueError: the dataset cannot be loaded, or has no column of images or none of classes.
    """
    parts = load_parts(name, config, revision, unlabeled=True)
    return {part: dataset_reading(dataset, f"{name} {part}", columns, part) for part, dataset in parts.items()}


def dataset_reading(dataset: Dataset, source: str, columns: ImageColumns, part: str = "train") -> ImageReading:
    """The images of a dataset, with their classes.

    If there are several columns of class labels, "label" is taken, else the first one.

    Args:
        dataset: with a column of images.
        source: for messages.
        columns: where images and classes are, as far as it is known.
        part: which one it is; only the training part must have classes.

    Raises:
        ValueError: there is no column of images, or none of classes.
    """
    image = _image_column(dataset, source, columns)
    label, others = _label_column(dataset, source, columns, image)
    if label is None and part == "train":
        raise ValueError(
            f"The dataset {source!r} has the columns {dataset.column_names}, none of which holds classes; name the "
            "one of the classes by --label_column_name."
        )
    images = dataset.select_columns([image]).rename_columns({image: "image"} if image != "image" else {})
    reading = ImageReading(source, images.cast_column("image", CLOSED))
    if label is not None and part != "unlabeled":
        reading.names, reading.classes = _classes(dataset, label, source, columns.class_names)
        reading.layout = f"classes {label!r}"
        reading.doubts += class_doubts(reading.classes)
    if others:
        reading.doubts.append(f"the columns {others} would do as classes, too; --label_column_name names one")
    return reading


def _image_column(dataset: Dataset, source: str, columns: ImageColumns) -> str:
    features = dataset.features
    found = [name for name, feature in features.items() if isinstance(feature, ImageColumn) or _is_open(feature)]
    if columns.image is not None and columns.image in dataset.column_names:
        return columns.image
    if columns.image is None and found:
        return found[0]
    raise ValueError(
        f"The dataset {source!r} has the columns {dataset.column_names}, none of which "
        f"{'is ' + repr(columns.image) if columns.image else 'holds images'}; name one by --image_column_name."
    )


def _is_open(feature: Any) -> bool:
    return isinstance(feature, dict) and set(feature) == BYTES


def _label_column(
    dataset: Dataset, source: str, columns: ImageColumns, image: str
) -> tuple[str | None, Sequence[str]]:
    """The column of classes, and further ones that would do."""
    named = [name for name, feature in dataset.features.items() if isinstance(_inner(feature), ClassLabel)]
    if columns.label is None and named:
        chosen = next((name for wanted in LABELS for name in named if name == wanted), named[0])
        return chosen, [name for name in named if name != chosen]
    plain = [name for name in dataset.column_names if name != image and _is_plain(dataset, name)]
    few = dataset.select_columns(plain).select(range(min(PEEKED, len(dataset)))) if plain else []
    return label_column([{image: None, **row} for row in few], image, columns, source), ()


def _inner(feature: Any) -> Any:
    return getattr(feature, "feature", feature)


def _is_plain(dataset: Dataset, name: str) -> bool:
    inner = _inner(dataset.features[name])
    return isinstance(inner, ClassLabel) or str(getattr(inner, "dtype", "")).startswith(
        ("int", "uint", "string", "bool")
    )


def _classes(
    dataset: Dataset, label: str, source: str, names: Sequence[str] | None
) -> tuple[Sequence[str] | None, list[str | None]]:
    """All names of the classes, where the dataset has them, and the name of each image's class."""
    inner = _inner(dataset.features[label])
    names = names or (inner.names if isinstance(inner, ClassLabel) else None)
    classes = [class_of(cell, names, f"{source}, row {row}") for row, cell in enumerate(dataset[label], start=1)]
    check_single(classes, source)
    return names, classes
