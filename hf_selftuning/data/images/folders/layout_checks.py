"""What is surely wrong about the layout of a data folder, and what looks odd."""

import os
import re
from collections.abc import Sequence

from ...rows.part_names import folds_of, parts_of
from ...rows.plain_text import SHOWN, counted, listed
from ..readings.image_formats import CAMERA_SUFFIXES
from .folder_layout import Layout, descend
from .folder_tree import BESIDE_MASKS, Folder
from .named_classes import told_classes

MASK = re.compile(r"[ _-](mask|seg|segmentation|gt)([ _-]?\d+)?$", re.IGNORECASE)
"""How the name of an outline ends, after the name of its image."""


def check_layout(layout: Layout, root: Folder) -> Layout:
    """The layout with its doubts.

    Raises:
        ValueError: there are less than two classes, or folders inside the classes are other classes or parts.
    """
    _check_classes(layout)
    _check_nested(layout)
    _doubt_folders(layout, descend(root))
    return layout


def _check_classes(layout: Layout) -> None:
    if len(layout.classes) < 2:
        found = layout.train
        if not found.count:
            _check_opened(found)
        direct = f", and {counted(len(found.images), 'image')} directly in it" if found.images else ""
        raise ValueError(
            f"The folder {found.path} has {len(layout.classes)} sub-folders with images{direct}, and a classifier "
            f"needs two classes or more{_unread(found)}; give a folder with a sub-folder for each class, or with "
            f"a table of labels, such as metadata.csv with the columns file_name and label.{_more(found)}"
        )
    folds = folds_of(folder.name for folder in layout.classes)
    if len(folds) == len(layout.classes):
        raise ValueError(
            f"The folders {listed(folds)} in {layout.train.path} are folds of a cross-validation, and nothing says "
            "which of them to test on; make a folder `train` and a folder `test` of them, with the folders of the "
            "classes in each."
        )
    inner = [{} if folder.images else parts_of(child.name for child in folder.filled) for folder in layout.classes]
    if all("train" in parts.values() for parts in inner):
        names = ", ".join(layout.classes[0].path.name + "/" + name for name in inner[0])
        raise ValueError(
            f"In {layout.train.path} each class holds the parts ({names}); make a folder of each part, with the "
            "folders of the classes in it."
        )


def _more(folder: Folder) -> str:
    """Where the classes may be: in the names of the images, or in a folder that was taken for outlines."""
    told = filter(None, [told_classes(folder.images), *outline_doubts(folder, folder.filled)])
    return "".join(f" {one[0].upper()}{one[1:]}." for one in told)


def outline_doubts(above: Folder, classes: Sequence[Folder]) -> list[str]:
    """A doubt for each folder of images that was taken for outlines, while the folder beside it is a class."""
    beside = [folder.name for folder in classes if folder.name.lower() in BESIDE_MASKS]
    return [
        f"the folder {name} beside {listed(beside)} is taken for outlines, and its {counted(count, 'image')} are not "
        f"read; if it is a class, call it otherwise, such as {name}_class"
        for name, count in above.outlines.items()
        if beside and count
    ]


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
    if len(deep) == len(layout.classes) and any(len(folder.filled) > 1 for folder in deep):
        layout.doubts.append(_deep(deep))
    layout.doubts += [_without_images(folder) for folder in layout.train.folders if not folder.count]
    if top is not layout.train:
        empty = [folder.name for folder in top.folders if not folder.count]
        layout.doubts += [f"the folder {name} holds no image, so it is no part" for name in empty]
        if top.images:
            layout.doubts.append(
                f"{counted(len(top.images), 'image')} beside the folders of the parts not read, the first "
                f"{os.path.basename(top.images[0])}; move them into a folder of a class, or into a folder unlabeled"
            )
    layout.doubts += outline_doubts(layout.train, layout.classes)
    layout.doubts += _masks(layout)
    layout.doubts += beside_classes(layout.train)
    for folder in layout.left_out:
        layout.doubts.append(
            f"the folder {folder.path.name} stands for no part: {counted(folder.count, 'image')} not read"
        )


def beside_classes(part: Folder) -> list[str]:
    """A doubt if images lie beside the folders of the classes of a part."""
    if not part.images:
        return []
    return [
        f"{counted(len(part.images), 'image')} beside the folders of classes not read, the first "
        f"{os.path.basename(part.images[0])}; move them into a folder of a class, or give their folder by "
        "--unlabeled_dir"
    ]


def _deep(upper: Sequence[Folder]) -> str:
    """The doubt about classes whose images are in further folders, which may be the classes."""
    inner = [child.name for child in upper[0].filled]
    classes = listed([folder.name for folder in upper])
    if all({child.name for child in folder.filled} == set(inner) for folder in upper) and len(upper) > 1:
        return (
            f"the folders {classes} all hold the folders {listed(inner)}, so they look like versions of the same "
            f"images, or like parts of the data, and not like classes, as which they are read; give one of them as "
            "--data_dir to have the inner ones as classes"
        )
    return (
        f"the images of each class are in further folders ({upper[0].name}/ holds {listed(inner)}); the classes are "
        f"the upper folders ({classes}); to have the inner ones, give one of the upper folders as --data_dir"
    )


def _masks(layout: Layout) -> list[str]:
    """A doubt if images of the classes are named like outlines of others."""
    stems = ((path, os.path.splitext(path)[0]) for folder in layout.classes for path in folder.all_images())
    others = {path: other for path, stem in stems if (other := MASK.sub("", stem)) != stem}
    wanted = set(others.values())
    present = (os.path.splitext(path)[0] for folder in layout.classes for path in folder.all_images() if wanted)
    outlined = wanted.intersection(present)
    found = [path for path, other in others.items() if other in outlined]
    if not found:
        return []
    name = os.path.basename(found[0])
    return [
        f"{counted(len(found), 'image is', 'images are')} named like a mask of another one ({name}); take masks out, "
        "or they are read as images of the class"
    ]


def _check_opened(folder: Folder) -> None:
    """Refuse a folder without images that holds pictures of other kinds."""
    kinds = ", ".join(sorted(CAMERA_SUFFIXES & folder.all_passed_over().keys()))
    if kinds:
        raise ValueError(
            f"The folder {folder.path} holds only pictures that are not opened ({kinds}); convert them to JPEG or PNG."
        )


def _without_images(folder: Folder) -> str:
    _check_opened(folder)
    found = folder.all_passed_over()
    held = ", ".join(f"{kind} {count:,}" for kind, count in found.most_common(SHOWN)) if found else "nothing"
    return f"the folder {folder.name} holds no image ({held}), so it is no class"
