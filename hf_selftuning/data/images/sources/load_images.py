"""Images and their classes from folders, the Hub or scikit-learn, all in one form."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from datasets import concatenate_datasets

from ...label_names import read_label_names
from ..checks.image_check import checked_readings
from ..checks.image_gate import data_of
from ..folders.folder_reading import read_folder
from ..folders.image_folders import unlabeled_reading
from ..pixels.image_opening import open_image as open_image
from ..readings.image_data import ImageData as ImageData
from ..readings.image_readings import ImageReading
from ..readings.image_summary import summarise
from ..tables.label_columns import ImageColumns
from .data_folders import directory_readings, read_test_part
from .digit_images import DIGITS as DIGITS
from .digit_images import from_digits
from .image_cub import TABLES as CUB_TABLES
from .image_cub import cub_readings, is_cub
from .image_hub import hub_readings

FolderPath = str | Path


def load_images(
    *,
    dataset_name: str | None = None,
    dataset_config: str | None = None,
    revision: str | None = None,
    data_dir: str | Path | None = None,
    test_dir: str | Path | None = None,
    unlabeled_dir: str | Path | None = None,
    test_share: float | None = None,
    train_flag: int = 1,
    classes: int | None = None,
    image_column_name: str | None = None,
    label_column_name: str | None = None,
    class_names: str | Sequence[str] | None = None,
    allow_duplicates: bool = False,
    skip_broken: bool = False,
) -> ImageData:
    """Read images and their classes from folders, tables, a dataset of the Hub, or scikit-learn's digits.

    Args:
        dataset_name: Hub id of a dataset, or `digits`.
        dataset_config: its configuration.
        revision: branch, tag or commit of it on the Hub.
        data_dir: a folder with a sub-folder for each class, named after it; or one with folders of parts, such as
            `train` and `test`, of such sub-folders; or a table of paths and classes, or a folder with one; or a folder
            in the layout of CUB-200-2011.
        test_dir: a folder of classes, or a table, to test on, beside a `data_dir` without a test part.
        unlabeled_dir: a folder of more images, at any depth, without classes.
        test_share: share of each class of `data_dir` to split off for testing if there is no test part. None splits
            off a fifth, or nothing if there are unlabelled images.
        train_flag: the number that marks training images in CUB's train_test_split.txt; in some copies it is 0.
        classes: number of CUB's classes to keep, the first ones; None keeps all.
        image_column_name: the column of images or their paths in a table or dataset; None finds it.
        label_column_name: the column of classes, likewise.
        class_names: the names of labels that are integers, or a file with them, such as a model's config.json.
        allow_duplicates: keep images that several parts hold.
        skip_broken: pass over images that cannot be opened; their number and the first names are logged.

    Raises:
        ValueError: no source or two sources are given, an argument that the source does not use, or data that cannot
            be read; or images that cannot be opened, without `skip_broken`.
    """
    if (dataset_name is None) == (data_dir is None):
        raise ValueError(
            f"Images need one source, and dataset_name={dataset_name!r} with data_dir={data_dir} was given; "
            f"give exactly one, for instance dataset_name={DIGITS!r}."
        )
    _check_use(data_dir, test_dir, train_flag, classes)
    if test_share and (data_dir is None or is_cub(data_dir)):
        raise ValueError(
            f"test_share={test_share} is for a data_dir of class folders, and {dataset_name or data_dir} has a test "
            "part of its own; leave test_share out."
        )
    names = None if class_names is None else read_label_names(class_names)
    columns = ImageColumns(image_column_name, label_column_name, names)
    if dataset_name == DIGITS:
        return _digits(unlabeled_dir, skip_broken)
    if dataset_name is not None:
        readings = hub_readings(dataset_name, columns, dataset_config, revision)
    elif is_cub(str(data_dir)):
        readings = cub_readings(str(data_dir), train_flag, classes)
    else:
        others = [Path(path) for path in (test_dir, unlabeled_dir) if path is not None]
        readings = directory_readings(Path(str(data_dir)), columns, skip=others)
    if test_dir is not None:
        readings["test"] = _test(Path(test_dir), readings, columns)
    if unlabeled_dir is not None:
        readings["unlabeled"] = _more(readings.get("unlabeled"), Path(unlabeled_dir))
    name = str(dataset_name) if data_dir is None else Path(data_dir).resolve().stem
    readings, ranges = checked_readings(readings, skip_broken=skip_broken)
    data = data_of(
        name,
        readings,
        test_share=test_share,
        allow_duplicates=allow_duplicates,
        published=dataset_name is not None,
    )
    return replace(data, ranges=ranges)


def _test(folder: Path, readings: dict[str, ImageReading], columns: ImageColumns) -> ImageReading:
    if "test" in readings:
        raise ValueError(
            f"test_dir={folder} was given, and {readings['test'].source} is a test part in data_dir already; leave "
            "one of the two out."
        )
    train = readings["train"]
    return read_test_part(folder, train.names or sorted({name for name in train.classes if name}), columns)


def _more(reading: ImageReading | None, folder: Path) -> ImageReading:
    """The images of a folder without classes, after those that were found beside the others."""
    more = unlabeled_reading(read_folder(folder))
    if reading is None:
        return more
    both = concatenate_datasets([reading.images, more.images])
    return ImageReading(
        f"{reading.source} and {more.source}", both, passed_over=reading.passed_over + more.passed_over
    )


def _digits(unlabeled_dir: FolderPath | None, skip_broken: bool) -> ImageData:
    data = from_digits()
    if unlabeled_dir is None:
        return data
    given = {"unlabeled": unlabeled_reading(read_folder(unlabeled_dir))}
    readings, ranges = checked_readings(given, skip_broken=skip_broken)
    more = readings["unlabeled"]
    summaries = (*data.summaries, summarise("unlabeled", more))
    return replace(data, unlabeled=more.images, summaries=summaries, ranges=ranges)


def _check_use(data_dir: str | Path | None, test_dir: str | Path | None, train_flag: int, classes: int | None) -> None:
    """Refuse arguments that the source would ignore."""
    birds = data_dir is not None and is_cub(data_dir)
    if not birds and (train_flag != 1 or classes is not None):
        raise ValueError(
            f"train_flag={train_flag} with classes={classes} is for CUB-200-2011's layout, and data_dir={data_dir} "
            f"lacks {', '.join(CUB_TABLES)}; leave both out, or name the folder that has them."
        )
    if test_dir is not None and (birds or data_dir is None):
        raise ValueError(
            f"test_dir={test_dir} goes with a data_dir of class folders, and data_dir={data_dir} is none: "
            "the data has a test part of its own; leave test_dir out."
        )
