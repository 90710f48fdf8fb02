"""Images in the layout of CUB-200-2011: a folder of images and four tables about them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from ...rows.plain_text import counted, listed
from ..readings.image_data import unlabeled_images
from ..readings.image_readings import ImageReading

TABLES = ("images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt")


def is_cub(folder: str | Path) -> bool:
    """Whether a folder holds the four tables of CUB-200-2011."""
    return all((Path(folder) / name).is_file() for name in TABLES)


def cub_readings(root: str | Path, train_flag: int = 1, classes: int | None = None) -> dict[str, ImageReading]:
    """Read images and classes from the four tables. Blanks or commas separate the fields of a table.

    Args:
        root: the folder of the tables and of the folder `images`.
        train_flag: the number that marks training images in train_test_split.txt; in some copies it is 0.
        classes: number of classes to keep, the first ones; None keeps all.

    Raises:
        ValueError: a table is missing or broken, the tables do not fit together, a part has no image, or images are
            missing.
    """
    root = Path(root)
    paths, labels, flags, names = (cub_table(root / name) for name in TABLES)
    if not paths.keys() == labels.keys() == flags.keys():
        raise ValueError(f"{', '.join(TABLES[:3])} in {root} list different images; download them again.")
    kept = _first_classes(names, classes, root)
    class_names = [names[identity] for identity in kept]
    rows = [row for row in paths if labels[row] in kept]
    training = [row for row in rows if flags[row] == str(train_flag)]
    testing = [row for row in rows if flags[row] != str(train_flag)]
    if not training or not testing:
        raise ValueError(
            f"{root} has {len(training)} training images of {len(rows)} with train_flag={train_flag}; "
            "give the flag that marks training images in train_test_split.txt."
        )
    return {
        part: _part(root, part, [(paths[row], class_names[kept[labels[row]]]) for row in rows], class_names)
        for part, rows in (("train", training), ("test", testing))
    }


def _part(root: Path, part: str, images: Sequence[tuple[str, str]], class_names: list[str]) -> ImageReading:
    files = [str(root / "images" / path) for path, _ in images]
    missing = [path for path in files if not os.path.isfile(path)]
    if missing:
        raise ValueError(
            f"{root / TABLES[0]} lists {counted(len(missing), 'image')} that are not there ({listed(missing)}); "
            "download them again."
        )
    classes: list[str | None] = [name for _, name in images]
    return ImageReading(f"{root} {part}", unlabeled_images(files), classes=classes, names=class_names)


def _first_classes(names: dict[str, str], classes: int | None, root: Path) -> dict[str, int]:
    """The index of each class that is kept, by the class's number in the tables."""
    if classes is not None and not 2 <= classes <= len(names):
        raise ValueError(f"classes={classes} of the {len(names)} in {root} cannot be kept; give 2 to {len(names)}.")
    return {identity: place for place, identity in enumerate(sorted(names, key=int)[:classes])}


def cub_table(path: Path) -> dict[str, str]:
    """The lines of a table: from the first field of a line to the rest of it."""
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; give a folder in the layout of CUB-200-2011.")
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = [re.split(r"[,\s]+", line.strip(), maxsplit=1) for line in lines if line.strip()]
    if not fields or any(len(pair) != 2 for pair in fields):
        raise ValueError(f"{path} is empty or has a line without two fields; give an index and a value a line.")
    return dict(fields)
