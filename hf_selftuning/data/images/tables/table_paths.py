"""The files behind the paths in a table of labels."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ...rows.part_names import part_of
from ..readings.image_formats import SUFFIXES, is_image

LONGEST = 4096
"""Characters of a path; a longer cell is none."""

ELSEWHERE = re.compile(r"/|~|[A-Za-z]:/|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""How a path from the root of a file system or from a home folder, or an address, begins."""

LOCAL_FILE = "/local-files/?d="
"""What stands before the path of a file on the disk in an export of Label Studio."""


class ImageIndex:
    """Finds images by what tables call them: a path from the table's folder or from one above or in it, a file's name,
    or a name without its suffix.

    Args:
        folder: in which the images are.
        images: all images at any depth in it.
        start: the folder of the table, from which its paths lead.
    """

    def __init__(self, folder: Path, images: Iterable[str], start: Path | None = None) -> None:
        self.folder, self.start = folder, start or folder
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for path in images:
            name = os.path.basename(path).lower()
            self._by_name.setdefault(name, []).append(path)
            self._by_stem.setdefault(os.path.splitext(name)[0], []).append(path)

    def find(self, cell: object, part: str | None = None) -> str | None:
        """The path of an image; None where no image fits, or several do.

        Args:
            cell: of the table.
            part: of the table; of several images that fit, one in a folder of this part is taken.
        """
        text = str(cell).strip().replace("\\", "/")
        text = text.partition(LOCAL_FILE)[2] or text
        found = self._found(text, part)
        return self._found(unquote(text), part) if found is None and "%" in text else found

    def several(self, cell: object) -> list[str]:
        """The images that a name stands for, if there are several; for messages."""
        text = str(cell).strip().replace("\\", "/")[:LONGEST]
        parts = () if "://" in text else PurePosixPath(text).parts
        name = parts[-1].lower() if parts else ""
        found = self._by_name.get(name) or self._by_stem.get(name) or []
        kept = [path for path in found if self._fits(path, parts)]
        return [os.path.relpath(path, self.folder) for path in kept] if len(kept) > 1 else []

    def _found(self, text: str, part: str | None) -> str | None:
        parts = [piece for piece in PurePosixPath(text).parts if piece not in ("/", "..")]
        if not parts or "\0" in text or len(text) > LONGEST:
            return None
        direct = os.path.join(self.start, os.path.expanduser(text))
        if _is_image_file(direct):
            return os.path.normpath(direct)
        name = parts[-1].partition("?")[0].lower() if "://" in text else parts[-1].lower()
        found = self._by_name.get(name) or self._by_stem.get(name) or []
        fitting = self._fitting(found, parts, part)
        # The folders of an address, or of a path on another machine, may have other names here.
        return found[0] if fitting is None and len(found) == 1 and ELSEWHERE.match(text) else fitting

    def _fitting(self, found: Iterable[str], parts: Sequence[str], part: str | None) -> str | None:
        kept = [path for path in found if self._fits(path, parts)]
        if len(kept) > 1 and part is not None:
            kept = [path for path in kept if any(part_of(name) == part for name in self._above(path))]
        return kept[0] if len(kept) == 1 else None

    def _fits(self, path: str, parts: Sequence[str]) -> bool:
        """Whether the folders of the path end as those in the cell do, or the other way round."""
        own, given = self._above(path), tuple(parts[:-1])
        shared = min(len(own), len(given))
        return own[len(own) - shared :] == given[len(given) - shared :]

    def _above(self, path: str) -> tuple[str, ...]:
        """The folders between the index's folder and an image."""
        return Path(path).relative_to(self.folder).parent.parts


class NamesOfImages(ImageIndex):
    """Finds images, and takes each cell that ends as an image's name does, also where the image is missing."""

    def find(self, cell: object, part: str | None = None) -> str | None:
        """The path of an image; else the cell, if it is such a name."""
        is_name = isinstance(cell, str) and PurePosixPath(cell).suffix.lower() in SUFFIXES
        return str(cell) if is_name else super().find(cell, part)


def _is_image_file(path: str) -> bool:
    try:
        return os.path.isfile(path) and is_image(path)
    except (ValueError, OSError):  # of a text that no path may be
        return False
