"""Whatever a file or a folder holds, a reader gives texts of one class each, or one sentence that names the file."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from any_contents import TEXTS
from fuzzing import any_files, any_trees, for_minutes, refused, trees_of, write_tree
from hypothesis import strategies as st

from hf_selftuning import load_texts, read_unlabeled_texts
from hf_selftuning.data.texts.text_data import TextData
from hf_selftuning.data.texts.text_files import holds_classed_texts

SUFFIXES = [".txt", ".tsv", ".csv", ".json", ".jsonl", ".parquet", ".md", ""]
FLAGS: list[dict[str, Any]] = [
    {}, {"class_names": "a,b"}, {"text_column_name": "1", "label_column_name": "2"}, {"augmented_columns": ["x"]},
    {"open_set_class": ["a"]}, {"text_column_name": ["text", "x"]},
]  # fmt: skip


def check_data(data: TextData) -> None:
    """All texts hold text, and all labels are classes."""
    assert len(data.class_names) >= 2
    for part in (data.train, data.validation, data.test):
        if part is not None:
            assert all(0 <= label < len(data.class_names) for label in part["label"])
    for part in (data.train, data.validation, data.test, data.unlabeled):
        if part is not None:
            assert all(row[name].strip() and row[name].encode() for row in part for name in data.text_columns)
    assert [summary.line for summary in data.summaries]


def check(path: Path) -> None:
    """Read a file with and without classes, with each flag, and as a scored part."""
    assert holds_classed_texts(path) in (True, False)
    for flags in FLAGS:
        try:
            check_data(load_texts(train_file=path, test_share=0, **flags))
        except ValueError as error:
            # what is wrong with a flag names the flag
            refused(error, [str(path), *(f"--{name}" for name in flags)])
    try:
        texts = read_unlabeled_texts(path)
    except ValueError as error:
        refused(error, [str(path)])
    else:
        assert all(text.strip() and text.encode() for text in texts["text"])


PLACES = ["a", "b", "train", "test", "train/a", "train/b", "test/a", "val/c", "unsup", "deep/train/a", ".hidden", "é"]
NAMES = ["0.txt", "1.txt", "2.txt.gz", "3", "4.pdf", ".5.txt", "data.csv", "a"]
TREES = trees_of(PLACES, NAMES, st.one_of(st.just(b"Ada saw Oslo"), TEXTS))


def check_folder(root: Path, tree: list[tuple[str, bytes]]) -> None:
    """Read a folder as texts with classes, and as texts without."""
    write_tree(root, tree)
    try:
        check_data(load_texts(train_file=root))
    except ValueError as error:
        refused(error, [str(root), "The class"])  # one of a single text cannot be split
    try:
        assert all(text.strip() for text in read_unlabeled_texts(root)["text"])
    except ValueError as error:
        refused(error, [str(root)])


def run(folder: Path, examples: int) -> None:
    any_files(check, folder, TEXTS, SUFFIXES, examples)


def run_folders(folder: Path, examples: int) -> None:
    any_trees(partial(check_folder, folder / "texts"), TREES, examples)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasets of the folders are made again in each test, and left out of the user's cache."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def test_any_bytes_give_texts_or_a_sentence(tmp_path: Path) -> None:
    run(tmp_path, 50)


def test_any_folder_gives_texts_or_a_sentence(tmp_path: Path) -> None:
    run_folders(tmp_path, 50)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_bytes_for_long_give_texts_or_a_sentence(tmp_path: Path) -> None:
    for_minutes(partial(run, tmp_path), 500, "files")


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_folder_for_long_gives_texts_or_a_sentence(tmp_path: Path) -> None:
    for_minutes(partial(run_folders, tmp_path), 200, "folders")
