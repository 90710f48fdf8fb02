"""Image files of every kind to images in RGB, with the pixels that a person would see."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ...rows.refused_kinds import LFS
from .pixel_ranges import PixelRanges

BACKGROUND = "white"
"""The colour behind transparent pixels. It is the colour of a page, which most drawings were made for."""


EXIF = ("exif", "xmp", "Raw profile type exif", "Raw profile type APP1")
"""Where Pillow keeps the data that say how an image is turned."""


def open_image(value: Any, *, ranges: PixelRanges | None = None) -> Image.Image:
    """An image in RGB, turned upright as its camera's orientation says. Of an animation, it is the first frame.

    Transparent pixels show white. Numbers of more than 8 bits are scaled by a range that all images share.

    Args:
        value: a cell of a column `image` (`{"bytes": ..., "path": ...}`), a path, or a PIL image.
        ranges: black and white of images of more than 8 bits. None is 0 to 65535 for integers, 0 to 1 for floats.

    Raises:
        ValueError: there is no such file, it holds no whole image, or its numbers are out of range; the message names
            the file.
    """
    try:
        if isinstance(value, Image.Image):
            return seen(value, ranges or PixelRanges())
        with Image.open(source_of(value)) as image:
            return seen(image, ranges or PixelRanges())
    except Exception as error:  # for broken files, the readers in Pillow raise errors of a dozen kinds
        raise ValueError(
            f"The image {name_of(value)} cannot be opened ({reason_of(error, value)}); replace it or take it out."
        ) from error


def seen(image: Image.Image, ranges: PixelRanges) -> Image.Image:
    """An image as a person sees it: upright, in RGB, before a white page.

    Raises:
        ValueError: a number is out of range.
    """
    image = upright(image)
    if is_deep(image):
        return scaled(image, ranges).convert("RGB")
    return on_page(image) if image.has_transparency_data else image.convert("RGB")


def upright(image: Image.Image) -> Image.Image:
    """An image turned as its EXIF data says."""
    image.load()  # a cut file fails here, so that what fails below is only the EXIF data
    try:
        turned = ImageOps.exif_transpose(image) or image
    except Exception:  # broken EXIF data beside whole pixels: the image is taken as it is
        turned = image.copy()
    for name in EXIF:  # else a pipeline of transformers, which turns images once more, fails at broken data
        turned.info.pop(name, None)
    return turned


def on_page(image: Image.Image) -> Image.Image:
    """An image with transparent pixels, in RGB, on a white page."""
    # Pillow has no conversion from grey with premultiplied alpha to RGBA.
    layer = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, BACKGROUND), layer).convert("RGB")


def is_deep(image: Image.Image) -> bool:
    """Whether pixels have more than 8 bits: 16 or 32 bits, or floats. Pillow would cut them off at 255."""
    return image.mode.startswith(("I", "F"))


def extremes(image: Image.Image) -> tuple[float, float]:
    """The smallest and the largest number of an image of more than 8 bits.

    Raises:
        ValueError: a pixel is no number.
    """
    pixels = np.asarray(image)
    if not np.isfinite(pixels).all():
        raise ValueError("some of its pixels are no finite numbers")
    return pixels.min().item(), pixels.max().item()


def scaled(image: Image.Image, ranges: PixelRanges) -> Image.Image:
    """An image of more than 8 bits in 8 bits of grey.

    Raises:
        ValueError: a number is out of range.
    """
    smallest, largest = extremes(image)
    black, white = ranges.floats if image.mode.startswith("F") else ranges.integers
    if smallest < black or largest > white:
        raise ValueError(
            f"its pixels go from {smallest:.10g} to {largest:.10g}, and black is {black:.10g} and white {white:.10g}: "
            "give open_image other `ranges`, or save the image in 16 bits from 0"
        )
    shares = (np.asarray(image, np.float64) - black) / (white - black)
    return Image.fromarray(np.round(255 * shares).astype(np.uint8))


def source_of(value: Any) -> Any:
    """The path of an image, or its bytes as a file."""
    if not isinstance(value, Mapping):
        return Path(value)
    return io.BytesIO(value["bytes"]) if value.get("bytes") is not None else Path(value["path"])


def opened(value: Any) -> IO[bytes]:
    """An image as an open file."""
    source = source_of(value)
    return source if isinstance(source, io.BytesIO) else source.open("rb")


def name_of(value: Any) -> Any:
    """The path of an image for messages, or the image itself where it has none."""
    return (value.get("path") or "without a path") if isinstance(value, Mapping) else value


HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
"""Marks of the pictures of phones at the start of a file."""


def reason_of(error: Exception, value: Any) -> str:
    """Why an image cannot be opened, in words that say what the file is."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels, the most that Pillow opens"
    if isinstance(error, UnidentifiedImageError):
        return _what_is_there(value)
    return str(error) or type(error).__name__


def _what_is_there(value: Any) -> str:
    with opened(value) as file:
        start = file.read(64)
    if not start:
        return "the file is empty"
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return "the file is a page of HTML or XML"
    if start.startswith(LFS):
        return "the file is a pointer of Git LFS; fetch the image by `git lfs pull`"
    if start[4:8] == b"ftyp" and start[8:12] in HEIC:
        return "the file is HEIC, whatever its suffix; convert it to JPEG or PNG"
    return "no reader of Pillow knows its format"
