"""Images in folders: a sub-folder for each class, or images without classes."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

from datasets import Dataset

from ...rows.plain_text import counted, listed
from ..readings.image_data import unlabeled_images
from ..readings.image_readings import ImageReading, plain_name
from .folder_layout import Layout, class_folders, descend
from .folder_reading import read_folder
from .folder_tree import Folder
from .layout_checks import beside_classes

FolderPath = str | Path


def folder_readings(root: Folder, layout: Layout) -> dict[str, ImageReading]:
    """The parts of a data folder, under "train" and perhaps "validation", "test" and "unlabeled".

    Args:
        root: the folder.
        layout: where its parts and classes are.

    Raises:
        ValueError: a part has other classes than the training part.
    """
    names = [folder.name for folder in layout.classes]
    train = _of_classes(layout.train, layout.classes, names)
    train.passed_over = _passed_over(root, layout)
    train.doubts += layout.doubts
    if root is not layout.train:
        train.source = f"{root.path}/{layout.train.path.relative_to(root.path)}"
    readings = {"train": train}
    for part, folder in layout.parts.items():
        readings[part] = unlabeled_reading(folder) if part == "unlabeled" else scored_reading(folder, names)
    return readings


def scored_reading(part: Folder, names: Sequence[str]) -> ImageReading:
    """The images of a validation or test folder. If it holds no folders of classes, they have no classes.

    Args:
        part: the folder.
        names: of the classes that training knows.

    Raises:
        ValueError: its folders of classes are others than those of training.
    """
    folders = class_folders(part)
    spelled = {plain_name(name): name for name in names} | {name: name for name in names}
    meant = [spelled.get(folder.name) or spelled.get(plain_name(folder.name)) for folder in folders]
    known = [name for name in meant if name is not None]
    if not folders or (not known and len(folders) == 1):
        return unlabeled_reading(part)
    if len(known) < len(folders):
        raise ValueError(
            f"The folder {descend(part).path} has the classes {[folder.name for folder in folders]}, and training "
            f"knows {listed(names)}; name its sub-folders like those."
        )
    reading = _of_classes(descend(part), folders, known)
    reading.passed_over = part.all_passed_over()
    reading.doubts += beside_classes(descend(part))
    missing = [name for name in names if name not in set(reading.classes)]
    if missing:
        reading.doubts.append(
            f"{counted(len(missing), 'class', 'classes')} of training not in it: {listed(missing)}; add images of "
            "them, or the score says nothing about them"
        )
    return reading


def unlabeled_reading(folder: Folder) -> ImageReading:
    """All images of a folder and of the folders in it, without classes.

    Raises:
        ValueError: it holds no image.
    """
    passed = folder.all_passed_over()
    if not folder.count:
        held = ", ".join(f"{kind} {count:,}" for kind, count in passed.most_common()) or "nothing"
        raise ValueError(f"The folder {folder.path} has no image ({held}); put images there, or leave it out.")
    return ImageReading(str(folder.path), unlabeled_images(folder.all_images()), passed_over=passed)


def read_unlabeled_images(folder: FolderPath, skip: Collection[Path] = ()) -> Dataset:
    """All images of a folder and of the folders in it, without classes, in a column `image`.

    Args:
        folder: of the images.
        skip: folders in it that are left out.

    Raises:
        ValueError: the folder does not exist, or holds no image.
    """
    return unlabeled_reading(read_folder(folder, skip)).images


def _of_classes(part: Folder, folders: Sequence[Folder], names: Sequence[str]) -> ImageReading:
    classes: list[str | None]
    classes = [name for name, folder in zip(names, folders, strict=True) for _ in range(folder.count)]
    paths = chain.from_iterable(folder.all_images() for folder in folders)
    return ImageReading(str(part.path), unlabeled_images(paths), classes=classes)


def _passed_over(root: Folder, layout: Layout) -> Counter[str]:
    """What was passed over outside of the other parts."""
    found = root.all_passed_over()
    for folder in layout.parts.values():
        found.subtract(folder.all_passed_over())
    return +found
