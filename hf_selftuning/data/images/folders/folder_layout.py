"""Where the parts of the data and the folders of classes are in a folder."""

from dataclasses import dataclass, field

from ...rows.part_names import parts_of
from ...rows.plain_text import counted
from .folder_tree import Folder
from .named_classes import told_classes


@dataclass
class Layout:
    """The folders of the parts.

    Args:
        train: the folder whose sub-folders are the classes.
        classes: those of its sub-folders that hold images.
        parts: the folders of "validation", "test" and "unlabeled", as far as they are there.
        left_out: folders with images that belong to no part.
        doubts: what looks odd, a sentence each.
    """

    train: Folder
    classes: list[Folder]
    parts: dict[str, Folder] = field(default_factory=dict)
    left_out: list[Folder] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def find_layout(root: Folder) -> Layout:
    """The layout of a data folder: parts with classes in them, or classes with perhaps other parts beside them.

    Raises:
        ValueError: the training part holds no folders of classes, or two folders stand for one part.
    """
    top = descend(root)
    parts = part_folders(top)
    others = [folder for folder in top.filled if folder not in parts.values()]
    train = parts.pop("train", None)
    if train is not None and (classes := class_folders(train)):
        layout = Layout(descend(train), classes, parts, left_out=others)
    else:
        layout = _beside_classes(top, others, parts, train)
    return layout


def descend(folder: Folder) -> Folder:
    """The folder itself, or the one that all its images are in, if that holds further folders of images."""
    while not folder.images and len(folder.filled) == 1 and folder.filled[0].filled:
        folder = folder.filled[0]
    return folder


def class_folders(part: Folder) -> list[Folder]:
    """The folders of classes of a part; none if its images lie in it directly."""
    part = descend(part)
    return part.filled if part.filled and len(part.images) < part.count else []


def part_folders(top: Folder) -> dict[str, Folder]:
    """The folders that stand for a part by their name.

    Raises:
        ValueError: two of them stand for the same part.
    """
    found: dict[str, Folder] = {}
    by_name = {folder.name: folder for folder in top.filled}
    for name, part in parts_of(by_name).items():
        if part in found:
            raise ValueError(
                f"The folders {found[part].name} and {name} in {top.path} could both be the {part} part; move one of "
                "them out, or give the folders of the parts by --data_dir, --test_dir and --unlabeled_dir."
            )
        found[part] = by_name[name]
    return found


def _beside_classes(top: Folder, others: list[Folder], parts: dict[str, Folder], train: Folder | None) -> Layout:
    """The layout of a folder of classes. A name such as `train` or `test` may be one of the classes."""
    doubts = []
    classes = [*others]
    if train is not None and not others:
        told = told_classes(train.images)
        raise ValueError(
            f"The folder {train.path} holds {counted(train.count, 'image')} and no folders of classes; put each class "
            "into a folder of its own, or add a table of labels, such as metadata.csv with the columns file_name and "
            f"label.{told and f' {told[0].upper()}{told[1:]}.'}"
        )
    if train is not None:
        classes.append(train)
        doubts.append(f"the folder {train.name} holds no folders of classes, so it is read as a class")
    if len(classes) < 2:
        taken = [part for part in ("test", "validation") if part in parts and not class_folders(parts[part])]
        for folder in (parts.pop(part) for part in taken):
            classes.append(folder)
            doubts.append(f"the folder {folder.name} is read as a class, as there are less than two others")
    order = {id(folder): place for place, folder in enumerate(top.folders)}
    return Layout(top, sorted(classes, key=lambda folder: order[id(folder)]), parts, doubts=doubts)
