"""Images and their classes from folders, the Hub or scikit-learn, all in one form."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from datasets import ClassLabel, Dataset
from datasets import Image as ImageColumn
from PIL import Image
from sklearn.datasets import load_digits

from ..dataset_parts import load_parts
from .image_cub import TABLES as CUB_TABLES
from .image_cub import from_cub as from_cub
from .image_cub import is_cub
from .image_data import CLOSED, carve_test_part, labeled_images
from .image_data import ImageData as ImageData
from .image_data import open_image as open_image
from .image_folders import TEST_SHARE, read_unlabeled_images
from .image_folders import from_folder as from_folder

DIGITS = "digits"
TEST_FOLDERS = ("test", "validation", "valid", "val")
DIGITS_TEST_SHARE = 1 / 3
BRIGHTEST_DIGIT = 16


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
) -> ImageData:
    """Read images and their classes from folders, from a dataset of the Hub, or scikit-learn's digits.

    Args:
        dataset_name: Hub id of a dataset, or `digits`.
        dataset_config: its configuration.
        revision: branch, tag or commit of it on the Hub.
        data_dir: a folder with a sub-folder for each class, named after it; or one with folders `train` and `test` (or
            `validation`) of such sub-folders; or a folder in the layout of CUB-200-2011.
        test_dir: a folder of classes to test on, beside a `data_dir` of classes.
        unlabeled_dir: a folder of more images, at any depth, without classes.
        test_share: share of each class of `data_dir` to split off for testing if there is no test folder. None splits
            off a fifth, or nothing if `unlabeled_dir` is given.
        train_flag: the number that marks training images in CUB's train_test_split.txt; in some copies it is 0.
        classes: number of CUB's classes to keep, the first ones; None keeps all.

    Raises:
        ValueError: no source or two sources are given, or an argument that the source does not use.
    """
    if (dataset_name is None) == (data_dir is None):
        raise ValueError(
            f"Images need one source, and dataset_name={dataset_name!r} with data_dir={data_dir} was given; "
            f"give exactly one, for instance dataset_name={DIGITS!r}."
        )
    _check_use(data_dir, test_dir, train_flag, classes)
    if data_dir is not None and is_cub(data_dir):
        data = from_cub(data_dir, train_flag, classes)
    elif data_dir is not None:
        data = _from_directory(Path(data_dir), test_dir, unlabeled_dir, test_share)
    elif dataset_name == DIGITS:
        data = from_digits()
    else:
        data = from_hub(str(dataset_name), dataset_config, revision)
    if test_share is not None and (data_dir is None or is_cub(data_dir)):
        raise ValueError(
            f"test_share={test_share} is for a data_dir of class folders, and {data.name} has a test part of its own; "
            "leave test_share out."
        )
    return replace(data, unlabeled=read_unlabeled_images(unlabeled_dir)) if unlabeled_dir else data


def from_digits() -> ImageData:
    """The 1,797 handwritten digits of scikit-learn, 8 x 8 pixels; a third of each is kept for testing."""
    digits = load_digits()
    images = [{"bytes": _png(pixels), "path": None} for pixels in digits.images]
    names = [str(name) for name in digits.target_names]
    train, test = carve_test_part(labeled_images(images, digits.target.tolist(), names), DIGITS_TEST_SHARE)
    return ImageData(DIGITS, train, None, test, names)


def from_hub(name: str, config: str | None = None, revision: str | None = None) -> ImageData:
    """Load a dataset of data files by its column of images and its column of classes.

    If there are several columns of classes, "label" is taken, else the first one. If there is no test part, the
    validation part is the test part; without either, a fifth of the training part is kept for testing.

    Raises:
        ValueError: the dataset has no column of images or none of classes.
    """
    parts = {part: _two_columns(dataset, name) for part, dataset in load_parts(name, config, revision).items()}
    published = {"dev": "validation", "test": "test"}
    if "test" not in parts:
        published = {"test": "validation"} if "validation" in parts else {}
    if "test" not in parts and "validation" in parts:
        parts["test"] = parts.pop("validation")
    if "test" not in parts:
        parts["train"], parts["test"] = carve_test_part(parts["train"], TEST_SHARE)
    class_names = list(parts["train"].features["label"].names)
    validation = parts.get("validation")
    return ImageData(name, parts["train"], validation, parts["test"], class_names, published=published)


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


def _from_directory(
    folder: Path, test_dir: str | Path | None, unlabeled_dir: str | Path | None, test_share: float | None
) -> ImageData:
    named = {part: folder / part for part in ("train", *TEST_FOLDERS) if (folder / part).is_dir()}
    if test_dir is not None or "train" not in named or len(named) < 2:
        return from_folder(folder, test_dir, unlabeled_dir, test_share=test_share)
    # The first of these folders is the test part. A second one is the validation part.
    tests = [path for part, path in named.items() if part != "train"]
    validation = tests[1] if len(tests) > 1 else None
    data = from_folder(named["train"], tests[0], validation_dir=validation, test_share=test_share)
    return replace(data, name=folder.resolve().name)


def _two_columns(dataset: Dataset, name: str) -> Dataset:
    features = dataset.features
    images = [column for column, feature in features.items() if isinstance(feature, ImageColumn)]
    labels = [column for column, feature in features.items() if isinstance(feature, ClassLabel)]
    if not images or not labels:
        raise ValueError(
            f"The dataset {name!r} has the columns {dataset.column_names}, none of which holds "
            f"{'classes' if images else 'images'}; give one with a column of images and one of class labels."
        )
    chosen = {images[0]: "image", "label" if "label" in labels else labels[0]: "label"}
    dataset = dataset.select_columns(list(chosen))
    dataset = dataset.rename_columns({old: new for old, new in chosen.items() if old != new})
    return dataset.cast_column("image", CLOSED)


def _png(pixels: np.ndarray) -> bytes:
    grey = np.round(pixels * (255 / BRIGHTEST_DIGIT)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(stream, format="PNG")
    return stream.getvalue()
