"""Which files are images: by their suffix, or by their content where the suffix says nothing."""

import warnings
from functools import cache
from pathlib import Path

from PIL import Image

SUFFIXES = {
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".ico", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm",
    ".png", ".pnm", ".ppm", ".tga", ".tif", ".tiff", ".webp",
}  # fmt: skip
"""Files with these suffixes are images. If one cannot be opened it is broken, and is never just skipped."""

CAMERA_SUFFIXES = {
    ".3fr", ".arw", ".cr2", ".cr3", ".dcm", ".dng", ".heic", ".heif", ".jxl", ".nef", ".nii", ".orf", ".raf", ".rw2",
    ".svg", ".xcf",
}  # fmt: skip
"""Pictures that Pillow does not open, or of which it opens only the small preview."""

NEED_A_PROGRAM = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"})
"""Formats that Pillow recognises, but whose pixels another program has to read."""

START, SHORTEST = 32, 16


def is_image(path: str) -> bool:
    """Whether a file is an image, broken or not. Only a file whose suffix says nothing is opened."""
    suffix = Path(path).suffix.lower()
    if suffix in SUFFIXES:
        return True
    known = _formats().get(suffix)
    if known is not None:
        return _opens(path, (known,))
    return suffix not in CAMERA_SUFFIXES and holds_image(path)


def holds_image(path: str) -> bool:
    """Whether the content of a file is an image of a format that Pillow recognises by its first bytes."""
    try:
        with open(path, "rb") as file:
            start = file.read(START)
    except OSError:
        return False
    if len(start) < SHORTEST:  # Pillow's tests of the first bytes fail on fewer
        return False
    formats = tuple(name for name, (_, accept) in _openers().items() if accept is not None and accept(start))
    return bool(formats) and _opens(path, formats)


def _opens(path: str, formats: tuple[str, ...]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=formats):
                return True
    except Image.DecompressionBombError:
        return True
    except Exception:
        # Pillow's readers raise errors of many kinds for bytes that are no image.
        return False


@cache
def _openers() -> dict[str, tuple]:
    Image.init()
    return {name: opener for name, opener in Image.OPEN.items() if name not in NEED_A_PROGRAM}


@cache
def _formats() -> dict[str, str]:
    """The format of each further suffix that Pillow knows."""
    openers = _openers()
    return {suffix: name for suffix, name in Image.registered_extensions().items() if name in openers}
