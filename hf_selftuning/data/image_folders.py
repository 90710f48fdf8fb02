"""Images in folders: a sub-folder a class, or the layout of CUB-200-2011."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset

from hf_selftuning.data.image_data import ImageData, carve_test_part, labeled_images, unlabeled_images

logger = logging.getLogger(__name__)

TEST_SHARE = 0.2
SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
CUB_FILES = ("images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt")

FolderPath = str | Path


def from_folder(
    train_dir: FolderPath,
    test_dir: FolderPath | None = None,
    unlabeled_dir: FolderPath | None = None,
    *,
    validation_dir: FolderPath | None = None,
) -> ImageData:
    """A folder with a sub-folder a class, named after it; without a test folder a fifth is kept for testing.

    Args:
        unlabeled_dir: images at any depth; the names of its sub-folders mean nothing.
    """
    class_names = _class_folders(Path(train_dir))
    train = _part(Path(train_dir), class_names)
    if test_dir is None:
        train, test = carve_test_part(train, TEST_SHARE)
        logger.warning("No test folder was given: %d images of %s are kept for testing", len(test), train_dir)
    else:
        test = _part(Path(test_dir), class_names)
    return ImageData(
        name=Path(train_dir).resolve().name,
        train=train,
        validation=_part(Path(validation_dir), class_names) if validation_dir else None,
        test=test,
        class_names=class_names,
        unlabeled=read_unlabeled_images(unlabeled_dir) if unlabeled_dir else None,
    )


def read_unlabeled_images(folder: FolderPath) -> Dataset:
    """All images of a folder and the folders in it, without classes."""
    return unlabeled_images(_images(Path(folder)))


def is_cub(folder: FolderPath) -> bool:
    """Whether a folder holds the four tables of CUB-200-2011."""
    return all((Path(folder) / name).is_file() for name in CUB_FILES)


def from_cub(root: FolderPath, train_flag: int = 1, classes: int | None = None) -> ImageData:
    """The layout of CUB-200-2011, with fields apart by blanks or commas.

    Args:
        train_flag: what marks a training image in train_test_split.txt; in some copies it is 0.
        classes: keep only the first so many.
    """
    root = Path(root)
    paths, labels, flags, names = (_table(root / name) for name in CUB_FILES)
    if not paths.keys() == labels.keys() == flags.keys():
        raise ValueError(
            f"The first three of {', '.join(CUB_FILES)} in {root} list other images; get them anew."
        )
    if classes is not None and not 2 <= classes <= len(names):
        raise ValueError(
            f"classes={classes} of the {len(names)} in {root} cannot be kept; give 2 to {len(names)}."
        )
    label_of = {identity: label for label, identity in enumerate(sorted(names, key=int)[:classes])}
    kept = [row for row in paths if labels[row] in label_of]
    chosen = {row for row in kept if flags[row] == str(train_flag)}
    if not 0 < len(chosen) < len(kept):
        raise ValueError(
            f"{root} has {len(chosen)} training images of {len(kept)} with train_flag={train_flag}; "
            "give the flag that marks training images in train_test_split.txt."
        )

    def part(rows: list[str]) -> Dataset:
        files = [str(root / "images" / paths[row]) for row in rows]
        return labeled_images(
            files, [label_of[labels[row]] for row in rows], [names[each] for each in label_of]
        )

    train, test = (
        part([row for row in kept if row in chosen]),
        part([row for row in kept if row not in chosen]),
    )
    return ImageData(root.resolve().name, train, None, test, train.features["label"].names)


def _table(path: Path) -> dict[str, str]:
    """The rest of each line by its first field."""
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; give a folder in the layout of CUB-200-2011.")
    fields = [
        re.split(r"[,\s]+", line.strip(), maxsplit=1)
        for line in path.read_text().splitlines()
        if line.strip()
    ]
    if not fields or any(len(pair) != 2 for pair in fields):
        raise ValueError(
            f"{path} is empty or has a line without two fields; give an index and a value a line."
        )
    return dict(fields)


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
        raise ValueError(f"The folder {folder} has no image; put some there or take it away.")
    return images
