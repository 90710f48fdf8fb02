"""Pixels as a person sees them, from files of every kind, and broken files named."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from hf_selftuning.data.images.pixels.image_opening import open_image
from hf_selftuning.data.images.pixels.pixel_ranges import PixelRanges

TRANSPOSED = {
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""What a viewer does to the stored pixels, by the number of the EXIF orientation."""


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def as_file(image: Image.Image, kind: str = "PNG", **options: Any) -> dict[str, Any]:
    """A cell of a dataset that holds the image in a file's bytes."""
    stream = io.BytesIO()
    image.save(stream, format=kind, **options)
    return {"bytes": stream.getvalue(), "path": None}


@pytest.mark.parametrize("orientation", TRANSPOSED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_a_photograph_is_turned_upright(orientation: int, kind: str) -> None:
    pixels, exif = noise(6, 9, 3), Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    cell = as_file(Image.fromarray(pixels), kind, exif=exif, **options)
    assert np.array_equal(np.asarray(open_image(cell)), TRANSPOSED[orientation](pixels))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "CMYK", "YCbCr", "HSV", "LAB"])
def test_eight_bits_without_transparency_are_what_pillow_makes_of_them(mode: str) -> None:
    image = Image.fromarray(noise(8, 8, 3)).convert(mode)
    assert np.array_equal(np.asarray(open_image(image)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("BMP", {}), ("PPM", {})]
)
def test_photographs_keep_every_bit(kind: str, options: dict[str, Any]) -> None:
    cell = as_file(Image.fromarray(noise(16, 24, 3)), kind, **options)
    assert np.array_equal(np.asarray(open_image(cell)), np.asarray(Image.open(io.BytesIO(cell["bytes"]))))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_an_animation_the_first_frame_is_read(kind: str) -> None:
    red, green = (Image.new("RGB", (8, 8), colour) for colour in ("red", "lime"))
    options = {"lossless": True} if kind == "WEBP" else {}
    cell = as_file(red, kind, save_all=True, append_images=[green], **options)
    assert open_image(cell).getpixel((4, 4)) == (255, 0, 0)


def drawn(mode: str) -> Image.Image:
    """A black pixel beside a transparent one, whose hidden colour is black too."""
    alpha = Image.fromarray(np.array([[255, 0]], dtype=np.uint8))
    image = Image.new("PA" if mode == "PA" else "RGBA", (2, 1))  # older releases of Pillow lose alpha in RGBA to PA
    image.putalpha(alpha)
    return (image.convert("LA") if mode == "La" else image).convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "PA"])
def test_transparent_pixels_are_white(mode: str) -> None:
    seen = open_image(drawn(mode))
    assert [seen.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize(("mode", "clear"), [("P", 0), ("L", 7), ("RGB", (1, 2, 3)), ("1", 0)])
def test_a_colour_that_the_file_calls_transparent_is_white(mode: str, clear: Any) -> None:
    assert open_image(as_file(Image.new(mode, (2, 2), clear), transparency=clear)).getpixel((0, 0)) == (255, 255, 255)


def test_half_transparent_pixels_are_mixed_with_white_and_opaque_ones_keep_every_bit() -> None:
    assert open_image(Image.new("RGBA", (1, 1), (0, 0, 0, 51))).getpixel((0, 0)) == (204, 204, 204)
    pixels = noise(32, 32, 4)
    pixels[..., 3] = 255
    assert np.array_equal(np.asarray(open_image(Image.fromarray(pixels))), pixels[..., :3])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(("number", "grey"), [(0, 0), (12_000, 47), (50_000, 195), (65_535, 255)])
def test_sixteen_bits_are_scaled_by_their_range_and_not_cut_off(kind: str, number: int, grey: int) -> None:
    image = Image.fromarray(np.full((2, 2), number, dtype=np.uint16))
    assert open_image(as_file(image, kind)).getpixel((0, 0)) == (grey,) * 3


def test_of_big_endian_and_32_bit_files_the_numbers_count() -> None:
    big = Image.fromarray(np.full((2, 2), 12_000, dtype=">u2"))
    assert big.mode == "I;16B"
    assert open_image(big).getpixel((0, 0)) == (47, 47, 47)
    assert (
        open_image(as_file(Image.fromarray(np.full((2, 2), 50_000, dtype=np.int32)), "TIFF")).getpixel((0, 0))[0]
        == 195
    )


@pytest.mark.parametrize(("number", "grey"), [(0.0, 0), (0.2, 51), (1.0, 255)])
def test_floats_from_0_to_1_are_scaled(number: float, grey: int) -> None:
    cell = as_file(Image.fromarray(np.full((2, 2), number, dtype=np.float32)), "TIFF")
    assert open_image(cell).getpixel((0, 0)) == (grey,) * 3


def test_twelve_bits_are_scaled_by_the_range_of_the_run() -> None:
    image = Image.fromarray(np.array([[0, 819, 4095]], dtype=np.uint16))
    seen = open_image(image, ranges=PixelRanges(integers=(0, 4095)))
    assert [seen.getpixel((x, 0))[0] for x in range(3)] == [0, 51, 255]
    signed = open_image(Image.fromarray(np.array([[-4095, 0]], np.int32)), ranges=PixelRanges(integers=(-4095, 4095)))
    assert [signed.getpixel((x, 0))[0] for x in range(2)] == [0, 128]


@pytest.mark.parametrize("numbers", [[-3, 7], [0, 70_000]])
def test_numbers_out_of_range_are_refused(numbers: list[int]) -> None:
    with pytest.raises(
        ValueError, match=rf"its pixels go from {numbers[0]} to {numbers[1]}, and black is 0 and white"
    ):
        open_image(Image.fromarray(np.array([numbers], dtype=np.int32)))


def test_pixels_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="some of its pixels are no finite numbers"):
        open_image(Image.fromarray(np.array([[0.5, np.nan]], dtype=np.float32)))


def huge(path: Path) -> None:
    Image.new("1", (14_000, 14_000)).save(path)


def half(path: Path) -> None:
    path.write_bytes(as_file(Image.fromarray(noise(64, 64, 3)), "JPEG")["bytes"][:2000])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_text("\n<!DOCTYPE html><p>404"), "the file is a page of HTML or XML"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid"), "by `git lfs pull`"),
        (lambda path: path.write_text("nothing"), "no reader of Pillow knows its format"),
        (half, r"[Tt]runcated"),
        (huge, "it has more than 178,956,970 pixels, the most that Pillow opens"),
        (lambda path: None, "there is no such file"),
    ],
)
def test_a_broken_file_is_named_with_the_reason(make: Callable[[Path], Any], reason: str, tmp_path: Path) -> None:
    make(tmp_path / "a.jpg")
    with pytest.raises(ValueError, match=rf"The image .*a\.jpg cannot be opened \(.*{reason}.*\); replace it"):
        open_image(tmp_path / "a.jpg")


def test_broken_exif_data_beside_whole_pixels_are_ignored() -> None:
    for broken in (b"MM\0*\0\0\0\x08\xff\xff", b"garbage"):
        found = open_image(as_file(Image.new("RGB", (8, 8), "red"), "JPEG", exif=b"Exif\0\0" + broken))
        assert ImageOps.exif_transpose(found).size == (8, 8)  # as a pipeline of transformers turns it once more
