"""Every image is opened once before training: broken ones are named, and the range of pixels is found."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, Features
from PIL import Image

from hf_selftuning.data.images.checks.image_check import checked_readings
from hf_selftuning.data.images.pixels.pixel_ranges import PixelRanges
from hf_selftuning.data.images.readings.image_data import CLOSED
from hf_selftuning.data.images.readings.image_readings import ImageReading
from hf_selftuning.data.images.sources.load_images import load_images


def fill(folder: Path, number: int = 3) -> Path:
    """A folder of two classes."""
    generator = np.random.default_rng(len(folder.name))
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for index in range(number):
            pixels = generator.integers(0, 256, (4, 4, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def test_broken_images_of_every_part_are_named_before_training(tmp_path: Path) -> None:
    train, test, more = (fill(tmp_path / name) for name in ("train", "test", "more"))
    for folder in (train, test, more):
        (folder / "cat" / "1.png").write_text("<html>")
    given = {"data_dir": train, "test_dir": test, "unlabeled_dir": more}
    with pytest.raises(
        ValueError, match=r"3 of 18 images cannot be opened: .*1\.png \(the file is a page.*--skip_broken"
    ):
        load_images(**given)


def test_broken_images_are_passed_over_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    train, more = fill(tmp_path / "train"), fill(tmp_path / "more", 5)
    (train / "dog" / "0.png").write_bytes(b"")
    for index in range(4):
        (more / "cat" / f"{index}.png").write_bytes(b"")
        (more / "dog" / f"{index}.png").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        data = load_images(data_dir=train, unlabeled_dir=more, skip_broken=True)
    assert (data.train["label"][:], len(data.unlabeled)) == ([0, 0, 0, 1, 1], 2)
    assert "1 of 6 images cannot be opened: " in caplog.text
    assert "8 of 10 images cannot be opened: " in caplog.text
    assert "and 3 more. With --skip_broken they are passed over, and without it a run refuses them." in caplog.text
    assert caplog.text.count("cannot be opened") == 2


def test_a_cut_photograph_and_one_in_bytes_are_found() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(stream, format="JPEG")
    whole = stream.getvalue()
    cells = [{"bytes": whole, "path": None}, {"bytes": whole[: len(whole) // 2], "path": "cut.jpg"}]
    more = Dataset.from_dict({"image": cells}, features=Features({"image": CLOSED}))
    with pytest.raises(ValueError, match=r"1 of 2 images cannot be opened: cut\.jpg \("):
        checked_readings({"unlabeled": ImageReading("made", more)})
    kept, _ = checked_readings({"unlabeled": ImageReading("made", more)}, skip_broken=True)
    assert (len(kept["unlabeled"].images), kept["unlabeled"].passed_over) == (1, {"broken images": 1})


def test_a_class_or_a_part_without_a_whole_image_is_refused(tmp_path: Path) -> None:
    train, test = fill(tmp_path / "train", 1), fill(tmp_path / "test", 1)
    (train / "dog" / "0.png").write_bytes(b"")
    with pytest.raises(ValueError, match="No image of the class 'dog' can be opened"):
        load_images(data_dir=train, test_dir=test, skip_broken=True)
    cells = [{"bytes": b"", "path": None}]
    more = Dataset.from_dict({"image": cells}, features=Features({"image": CLOSED}))
    with pytest.raises(ValueError, match="No image of the part 'unlabeled' can be opened"):
        checked_readings({"unlabeled": ImageReading("made", more)}, skip_broken=True)


def test_all_images_of_a_run_share_one_range(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dark, light = (np.full((4, 4), number, np.uint16) for number in (300, 3500))
    for name, pixels in (("dark", dark), ("light", light)):
        (tmp_path / name).mkdir()
        for index in range(2):
            Image.fromarray(pixels).save(tmp_path / name / f"{index}.png")
    with caplog.at_level(logging.INFO):
        data = load_images(data_dir=tmp_path, test_share=0)
    assert data.ranges == PixelRanges(integers=(0, 4095))
    assert "4 images hold integers of more than 8 bits, from 300 to 3500: black is 0 and white 4095." in caplog.text


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([12_000, 50_000], (0, 65_535)),
        ([3, 250], (0, 255)),
        ([-1024, 3071], (-4095, 4095)),
        ([0, 100_000], (0, 2**24 - 1)),
        ([0, 0], (0, 1)),
    ],
)
def test_a_range_is_the_smallest_that_holds_all_integers(numbers: list[int], expected: tuple[int, int]) -> None:
    assert PixelRanges.around(numbers, []).integers == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([0.1, 0.3], (0, 1)), ([-0.9, 0.3], (-1, 1)), ([0, 200.5], (0, 255)), ([-3, 3.5], (-4, 4))],
)
def test_floats_have_a_range_of_their_own(numbers: list[float], expected: tuple[float, float]) -> None:
    assert PixelRanges.around([], numbers) == PixelRanges(floats=expected)


def test_a_number_beyond_32_bits_is_refused() -> None:
    with pytest.raises(ValueError, match=r"A pixel has the value 1e\+30, which 32 bits cannot hold"):
        PixelRanges.around([], [1e30])


def test_images_beside_the_digits_are_checked_too(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"cut")
    with pytest.raises(ValueError, match=r"1 of 2 images cannot be opened: .*2\.png"):
        load_images(dataset_name="digits", unlabeled_dir=tmp_path)
    assert len(load_images(dataset_name="digits", unlabeled_dir=tmp_path, skip_broken=True).unlabeled) == 1


def test_images_with_several_frames_are_counted(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    for name in ("a.gif", "a.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "a.png")
    images = Dataset.from_dict({"image": [str(path) for path in sorted(tmp_path.iterdir())]})
    found, _ = checked_readings({"train": ImageReading("a", images.cast_column("image", CLOSED))})
    assert found["train"].doubts == ["of 2 images with several frames or pages, the first one is read"]
