"""Where the parts of the data and the folders of classes are in a folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..rows.plain_text import counted
from .folder_tree import Folder
from .image_formats import CAMERA_SUFFIXES
from .part_names import parts_of

SHOWN = 5


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
        ValueError: there are less than two classes, or two folders for one part.
    """
    top = descend(root)
    parts = _part_folders(top)
    others = [folder for folder in top.filled if folder not in parts.values()]
    train = parts.pop("train", None)
    if train is not None and (classes := class_folders(train)):
        layout = Layout(descend(train), classes, parts, left_out=others)
    else:
        layout = _beside_classes(top, others, parts, train)
    _check_classes(layout)
    _check_nested(layout)
    _doubt_folders(layout, top)
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


def _part_folders(top: Folder) -> dict[str, Folder]:
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
        raise ValueError(
            f"The folder {train.path} holds {counted(train.count, 'image')} and no folders of classes; put each class "
            "into a folder of its own, or add a table of labels, such as metadata.csv with the columns file_name and "
            "label."
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


def _check_classes(layout: Layout) -> None:
    if len(layout.classes) < 2:
        found = layout.train
        direct = f", and {counted(len(found.images), 'image')} directly in it" if found.images else ""
        raise ValueError(
            f"The folder {found.path} has {len(layout.classes)} sub-folders with images{direct}, and a classifier "
            f"needs two classes or more{_unread(found)}; give a folder with a sub-folder for each class, or with "
            "a table of labels, such as metadata.csv with the columns file_name and label."
        )
    inner = [{} if folder.images else parts_of(child.name for child in folder.filled) for folder in layout.classes]
    if all("train" in parts.values() for parts in inner):
        names = ", ".join(layout.classes[0].path.name + "/" + name for name in inner[0])
        raise ValueError(
            f"In {layout.train.path} each class holds the parts ({names}); make a folder of each part, with the "
            "folders of the classes in it."
        )


def _unread(folder: Folder) -> str:
    """The other files of a folder, for the message that it has too few images."""
    passed = folder.all_passed_over().most_common(SHOWN)
    return f" ({', '.join(f'{kind} {count:,}' for kind, count in passed)} are no images)" if passed else ""


def _check_nested(layout: Layout) -> None:
    names = {folder.name for folder in layout.classes}
    for folder in layout.classes:
        own = {child.name for child in folder.filled}
        if not folder.images and own & (names - {folder.name}) and len(own & names) > 1:
            raise ValueError(
                f"The folder {folder.path} holds the folders {listed(sorted(own & names))}, named like the classes "
                "beside it; move it out, or give it alone as --data_dir."
            )


def _doubt_folders(layout: Layout, top: Folder) -> None:
    deep = [folder for folder in layout.classes if not folder.images]
    if len(deep) == len(layout.classes):
        inner = listed([child.name for child in deep[0].filled])
        layout.doubts.append(
            f"the images of each class are in further folders ({deep[0].name}/ holds {inner}); the classes are the "
            f"upper folders ({listed([folder.name for folder in deep])})"
        )
    layout.doubts += [_without_images(folder) for folder in layout.train.folders if not folder.count]
    if top is not layout.train:
        empty = [folder.name for folder in top.folders if not folder.count]
        layout.doubts += [f"the folder {name} holds no image, so it is no part" for name in empty]
    if layout.train.images:
        layout.doubts.append(f"{counted(len(layout.train.images), 'image')} beside the folders of classes not read")
    for folder in layout.left_out:
        layout.doubts.append(
            f"the folder {folder.path.name} stands for no part, and its {counted(folder.count, 'image')} are not read"
        )


def _without_images(folder: Folder) -> str:
    found = folder.all_passed_over()
    if CAMERA_SUFFIXES & found.keys():
        kinds = ", ".join(sorted(CAMERA_SUFFIXES & found.keys()))
        raise ValueError(
            f"The folder {folder.path} holds only pictures that are not opened ({kinds}); convert them to JPEG or PNG."
        )
    held = ", ".join(f"{kind} {count:,}" for kind, count in found.most_common(SHOWN)) if found else "nothing"
    return f"the folder {folder.name} holds no image ({held}), so it is no class"


def listed(names: Sequence[str]) -> str:
    """The first names, and how many there are more."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
