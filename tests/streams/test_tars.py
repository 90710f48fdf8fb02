"""An unlabelled pool in tar files, as WebDataset writes them, read as a stream by the datasets library."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import datasets
import numpy as np
import pytest
import tiny
from PIL import Image

from hf_selftuning import ImageClassification
from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_transforms import strong_view, weak_view
from hf_selftuning.streams.unlabeled_stream import GOES_ON, Mark, StreamedExamples

IN_A_TAR, SIDE = 7, 32


def drawn(number: int) -> Image.Image:
    pixels = np.random.default_rng(number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def picture(number: int) -> Mapping[str, bytes]:
    """The files of one example: an image."""
    file = io.BytesIO()
    drawn(number).save(file, "png")
    return {"png": file.getvalue()}


def words(number: int) -> Mapping[str, bytes]:
    """The files of one example: a text, and its pieces."""
    pieces = {"input_ids": [1, number + 5, 2], "attention_mask": [1, 1, 1], "labels": [-100, 0, -100]}
    return {"txt": f"w{number + 5}".encode(), "json": json.dumps(pieces).encode()}


def tars(folder: Path, files_of: Callable[[int], Mapping[str, bytes]]) -> datasets.IterableDataset:
    """Two tars of seven examples as a stream."""
    paths = [folder / f"{shard}.tar" for shard in range(2)]
    for shard, path in enumerate(paths):
        with tarfile.open(path, "w") as tar:
            for number in range(shard * IN_A_TAR, (shard + 1) * IN_A_TAR):
                for ending, content in files_of(number).items():
                    entry = tarfile.TarInfo(f"{number:03}.{ending}")
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
    return datasets.load_dataset("webdataset", data_files=[*map(str, paths)], split="train", streaming=True)


def pictures(folder: Path) -> datasets.IterableDataset:
    return tars(folder, picture).rename_column("png", "image")


def sentences(folder: Path) -> datasets.IterableDataset:
    return tars(folder, words).map(lambda row: row["json"], remove_columns=["json", "txt"])


def test_each_file_of_an_example_is_a_column(tmp_path: Path) -> None:
    images, texts = [next(iter(tars(tmp_path, files_of))) for files_of in (picture, words)]
    assert images["__key__"] == texts["__key__"] == "000"
    assert np.array_equal(images["png"], drawn(0))
    assert (texts["txt"], texts["json"]["input_ids"]) == ("w5", [1, 5, 2])


@pytest.mark.skipif(not GOES_ON, reason="datasets before 5.1 does not go on exactly")
@pytest.mark.parametrize("make", [pictures, sentences])
def test_tars_go_on_from_each_mark(
    make: Callable[[Path], datasets.IterableDataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 1)
    stream, marks = StreamedExamples(make(tmp_path)), []
    for position in range(3 * IN_A_TAR):  # one and a half times round
        assert stream[position]["__key__"] == f"{position % (2 * IN_A_TAR):03}"
        marks.append(stream.new_mark())
    for mark in marks[1:]:
        assert mark is not None
        again = StreamedExamples(make(tmp_path))
        again.begin_after(Mark.of(mark.tensor()))
        coming = range(mark.position + 1, mark.position + 4)
        assert [again[at]["__key__"] for at in coming] == [f"{at % (2 * IN_A_TAR):03}" for at in coming]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_on_tars_goes_on_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr("hf_selftuning.streams.unlabeled_stream.MARKED_EVERY", 3)
    view = ImageInput.of(tiny.vit().config, SIDE)
    rows = {"image": [drawn(100 + number) for number in range(10)], "label": [number % 3 for number in range(10)]}
    given = {
        "train_dataset": datasets.Dataset.from_dict(rows),
        "eval_dataset": None,
        "task": ImageClassification(weak_view(view), strong_view(view)),
    }
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=5, dataloader_num_workers=workers)
    whole = tiny.trained(tiny.IMAGES, args, unlabeled_dataset=pictures(tmp_path), **given)
    assert (whole._stream_mark is not None) == GOES_ON
    again = tiny.resumed(tiny.IMAGES, args, 5, unlabeled_dataset=pictures(tmp_path), **given)
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
