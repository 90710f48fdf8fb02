"""A folder with all folders in it: their images, their tables, and how many files were passed over."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path

from ...rows.packed_texts import PackedTexts

BESIDE_MASKS = {"image", "images", "img", "imgs", "jpegimages"}
"""A folder of masks beside one of these holds the outlines of its images, and no images of a class."""


@dataclass(eq=False)
class Folder:
    """A folder as it was read.

    Args:
        path: of the folder.
        images: names of the images directly in it, sorted.
        folders: the folders directly in it, in natural order; litter is left out.
        tables: paths of the files directly in it that may be tables of labels.
        outlines: how many images a folder directly in it has, for each that was taken for outlines, by name.
        passed_over: how many files directly in it were passed over, by kind, with those in litter folders.
        above: the folder that it lies in.
        identity: device and number, the same for a folder and a link to it.
        linked: it is behind a link.
    """

    path: Path
    images: PackedTexts = field(default_factory=PackedTexts)
    folders: list["Folder"] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    outlines: dict[str, int] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)
    above: "Folder | None" = None
    identity: tuple[int, int] = (0, 0)
    linked: bool = False
    count: int = 0
    """How many images are in it, at any depth."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    def walk(self) -> Iterator["Folder"]:
        """The folder itself, then all folders in it, at any depth."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting += reversed(folder.folders)

    def all_images(self) -> Iterator[str]:
        """The paths of the images at any depth, sorted by the names of folders and images in them."""
        open_folders = [(self.path, self._sorted())]
        while open_folders:
            path, inside = open_folders[-1]
            name, folder = next(inside, ("", None))
            if folder is not None:
                open_folders.append((folder.path, folder._sorted()))
            elif name:
                yield os.path.join(path, name)
            else:
                open_folders.pop()

    def _sorted(self) -> Iterator[tuple[str, "Folder | None"]]:
        """The names of the images and folders directly in it, with the folders; no two names are equal."""
        folders = sorted((folder.name, folder) for folder in self.folders)
        return merge(((name, None) for name in self.images), folders)

    def all_passed_over(self) -> Counter[str]:
        """What was passed over at any depth."""
        found: Counter[str] = Counter()
        for folder in self.walk():
            found += folder.passed_over
        return found

    @property
    def filled(self) -> list["Folder"]:
        """The folders directly in it that hold images at any depth."""
        return [folder for folder in self.folders if folder.count]
