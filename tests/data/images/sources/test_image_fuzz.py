"""Whatever tree of folders and files is given as images, it is read as data, or refused in one sentence."""

import io
import json
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from fuzzing import drawn, for_minutes
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hf_selftuning.data.images.sources.load_images import load_images

FOLDERS = [
    "a",
    "b",
    "10",
    "2",
    "train",
    "Test",
    "val",
    "seg_train",
    "unlabeled",
    "images",
    ".hidden",
    "@eaDir",
    "é",
    "x y",
]
NAMES = ["1.jpg", "2.png", "3", "4.txt", "._1.jpg", "Thumbs.db", "p.heic", "s.svg", "d.zip", "model.safetensors"]
TABLES = ["labels.csv", "metadata.csv", "metadata.jsonl", "train.csv", "test.tsv", "a.json", "b.parquet"]
CELLS = [
    "1.jpg",
    "2",
    "a/1.jpg",
    "../x",
    "/",
    "",
    "cat",
    "dog",
    "cat,dog",
    "-1",
    "0",
    "1",
    "null",
    "é",
    '"',
    "[1]",
    "{}",
]
LINKED = [".", "..", "a", "b", "../b", "nowhere"]


def image_bytes(kind, shade):
    stream = io.BytesIO()
    Image.new("RGB", (2, 2), (shade, 0, 0)).save(stream, format=kind)
    return stream.getvalue()


IMAGES = [image_bytes(kind, shade) for kind in ("PNG", "JPEG", "GIF", "BMP") for shade in (0, 99, 200)]
WORDS = [*CELLS, "file_name", "label", "path", "split", "train"]
VALUES = [*CELLS, None, 0, 1, -1, 1.5, [0], [0, 1], {"a": 1}, float("nan"), True]
csv = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), max_size=6).map(
    lambda rows: "\n".join(map(",".join, rows)).encode()
)
records = st.dictionaries(st.sampled_from(["file_name", "label", "image", "x"]), st.sampled_from(VALUES), max_size=3)
jsonl = st.lists(records, max_size=6).map(lambda rows: "\n".join(map(json.dumps, rows)).encode())
contents = st.one_of(st.sampled_from(IMAGES), st.sampled_from(IMAGES), st.binary(max_size=40))
tables = st.one_of(csv, jsonl, st.binary(max_size=40))
places = st.lists(st.sampled_from(FOLDERS), max_size=3)
files = st.one_of(
    st.tuples(places, st.sampled_from(NAMES), contents),
    st.tuples(places, st.sampled_from(NAMES[:4]), st.sampled_from(IMAGES)),
    st.tuples(
        places.map(lambda place: place[:1]), st.sampled_from(TABLES), st.one_of(csv, jsonl, st.binary(max_size=40))
    ),
    st.tuples(places, st.sampled_from(["link", "train", "c"]), st.sampled_from(LINKED)),
)


def write(root: Path, tree) -> None:
    for place, name, content in tree:
        folder = root.joinpath(*place)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                os.symlink(content, folder / name)
            else:
                (folder / name).write_bytes(content)
        except OSError:  # a file is where a folder would be, or a link leads to itself
            continue


def check(root: Path, *, allow_duplicates: bool) -> None:
    """Read a tree, and check that all images have a class and are there, or that the message names the folder."""
    try:
        data = load_images(data_dir=root, allow_duplicates=allow_duplicates)
    except ValueError as error:
        message = str(error)
        assert root.name in message or "The class" in message, repr(error)  # noqa: PT017
        assert message.rstrip().endswith((".", ")"))
        return
    assert len(data.class_names) >= 2
    for part in filter(None, (data.train, data.validation, data.test)):
        assert all(0 <= label < len(data.class_names) for label in part["label"])
        assert all(os.path.isfile(value["path"]) for value in part["image"])
    assert [summary.line for summary in data.summaries]


def run(folder, examples):
    @drawn(examples)
    @given(st.lists(files, max_size=12), st.booleans())
    def any_tree(tree, allow_duplicates):
        root = folder / "data"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        write(root, tree)
        check(root, allow_duplicates=allow_duplicates)

    any_tree()


def test_any_tree_gives_images_or_a_sentence(tmp_path):
    run(tmp_path, 80)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_tree_for_long_gives_images_or_a_sentence(tmp_path):
    for_minutes(partial(run, tmp_path), 500, "trees")
