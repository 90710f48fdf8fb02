"""Images in folders: a sub-folder for each class."""

import logging
from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset

from .image_data import ImageData, carve_test_part, labeled_images, unlabeled_images

logger = logging.getLogger(__name__)

TEST_SHARE = 0.2
SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}

FolderPath = str | Path


def from_folder(
    train_dir: FolderPath,
    test_dir: FolderPath | None = None,
    unlabeled_dir: FolderPath | None = None,
    *,
    validation_dir: FolderPath | None = None,
    test_share: float | None = None,
) -> ImageData:
    """Read a folder that has a sub-folder for each class, with the name of the class.

    Args:
        train_dir: the sub-folders of the training images.
        test_dir: the sub-folders of the test images; a class may be missing.
        unlabeled_dir: images at any depth; the names of its sub-folders mean nothing.
        validation_dir: the sub-folders of the validation images; a class may be missing.
        test_share: share of each class to keep for testing if there is no test folder. None keeps a fifth; beside
            `unlabeled_dir` it keeps nothing, because labels are few then and all of them should train.

    Raises:
        ValueError: a folder or a class is missing or empty, or `test_share` was given beside `test_dir`.
    """
    if test_dir is not None and test_share is not None:
        raise ValueError(
            f"test_share={test_share} is for folders without a test part, and {test_dir} is one; give one of the two."
        )
    class_names = _class_folders(Path(train_dir))
    train = _part(Path(train_dir), class_names)
    share = test_share if test_share is not None else 0.0 if unlabeled_dir else TEST_SHARE
    test = None if test_dir is None else _part(Path(test_dir), class_names)
    if test is None and share:
        train, test = carve_test_part(train, share)
        logger.warning("No test folder was given: %d images of %s are kept for testing", len(test), train_dir)
    return ImageData(
        name=Path(train_dir).resolve().name,
        train=train,
        validation=_part(Path(validation_dir), class_names) if validation_dir else None,
        test=test,
        class_names=class_names,
        unlabeled=read_unlabeled_images(unlabeled_dir) if unlabeled_dir else None,
    )


def read_unlabeled_images(folder: FolderPath) -> Dataset:
    """All images of a folder and of the folders in it, without classes, in a column `image`.

    Raises:
        ValueError: the folder does not exist, or holds no image.
    """
    return unlabeled_images(_images(Path(folder)))


def _class_folders(folder: Path) -> list[str]:
    names = [path.name for path in _sub_folders(folder)]
    if len(names) < 2:
        raise ValueError(
            f"The folder {folder} has {len(names)} sub-folders, and a classifier needs two classes or more; "
            "give a folder with a sub-folder for each class."
        )
    return names


def _part(folder: Path, class_names: Sequence[str]) -> Dataset:
    """The images of a folder under the classes of the training folder, some of which may be missing."""
    present = [path.name for path in _sub_folders(folder)]
    if not present or set(present) - set(class_names):
        raise ValueError(
            f"The folder {folder} has the classes {present}, and training knows {list(class_names)}; "
            "name its sub-folders like those."
        )
    by_class = {name: _images(folder / name) for name in present}
    labels = [class_names.index(name) for name, paths in by_class.items() for _ in paths]
    return labeled_images([path for paths in by_class.values() for path in paths], labels, class_names)


def _sub_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ValueError(f"The folder {folder} does not exist; give one with a sub-folder for each class.")
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _images(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise ValueError(f"The folder {folder} does not exist; check the path.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    images = [str(path) for path in paths if path.is_file() and not path.name.startswith(".")]
    if not images:
        raise ValueError(f"The folder {folder} has no image; put images there, or leave it out.")
    return images
