"""What is surely wrong about the layout of a data folder, and what looks odd."""

from ...rows.part_names import folds_of, parts_of
from ...rows.plain_text import SHOWN, counted, listed
from ..readings.image_formats import CAMERA_SUFFIXES
from .folder_layout import Layout, descend
from .folder_tree import Folder


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
        direct = f", and {counted(len(found.images), 'image')} directly in it" if found.images else ""
        raise ValueError(
            f"The folder {found.path} has {len(layout.classes)} sub-folders with images{direct}, and a classifier "
            f"needs two classes or more{_unread(found)}; give a folder with a sub-folder for each class, or with "
            "a table of labels, such as metadata.csv with the columns file_name and label."
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
            f"upper folders ({listed([folder.name for folder in deep])}); to have the inner ones, give one of the "
            "upper folders as --data_dir"
        )
    layout.doubts += [_without_images(folder) for folder in layout.train.folders if not folder.count]
    if top is not layout.train:
        empty = [folder.name for folder in top.folders if not folder.count]
        layout.doubts += [f"the folder {name} holds no image, so it is no part" for name in empty]
    if layout.train.images:
        layout.doubts.append(f"{counted(len(layout.train.images), 'image')} beside the folders of classes not read")
    for folder in layout.left_out:
        layout.doubts.append(
            f"the folder {folder.path.name} stands for no part: {counted(folder.count, 'image')} not read"
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
