"""Whatever a dataset's folder holds, it is read as words and as texts, or refused in one sentence that names it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from any_contents import TEXTS, WORDS
from fuzzing import any_trees, for_minutes, refused, trees_of, write_tree
from hypothesis import strategies as st

from hf_selftuning import load_texts, load_words

PLACES = [".", "data", "train", "test", "en", "train/a"]
NAMES = [
    *["train.csv", "test.csv", "train.jsonl", "validation.json", "train.conll", "test.conll", "train.txt", "dev.tsv"],
    *["train-00000-of-00001.parquet", "train.csv.gz", "README.md", "dataset_dict.json", "dataset_infos.json"],
    *["state.json", "dataset_info.json", "x.ann", "train.py", "a.txt", "data.arrow"],
]  # fmt: skip
SOUND = [
    b"text,label\nAda saw,a\nWhere is,b\nHow much,a\nOh no,b\n", b"tokens,tags\nAda saw,B-PER O\n",
    b'{"tokens": ["Ada"], "ner_tags": ["B-PER"]}\n', b"Ada B-PER\nsaw O\n", b'{"splits": ["train"]}',
    b"---\nx: [\n---\n",
]  # fmt: skip
TREES = trees_of(PLACES, NAMES, st.one_of(st.sampled_from(SOUND), WORDS, TEXTS))


def check(root: Path, load: Callable[..., object], tree: list[tuple[str, bytes]]) -> None:
    """Read a folder, which gives data with a training part, or a sentence."""
    write_tree(root, tree)
    try:
        data = load(dataset_name=str(root))
    except ValueError as error:
        refused(error, [str(root), "The class"])  # one of a single text cannot be split
        return
    assert len(data.train)
    assert [summary.line for summary in data.summaries]


def run(folder: Path, load: Callable[..., object], examples: int) -> None:
    any_trees(partial(check, folder / "dataset", load), TREES, examples)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasets are made again in each test, and left out of the user's cache."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.parametrize("load", [load_words, load_texts])
def test_any_folder_gives_a_dataset_or_a_sentence(tmp_path: Path, load: Callable[..., object]) -> None:
    run(tmp_path, load, 50)


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("load", [load_words, load_texts])
def test_any_folder_for_long_gives_a_dataset_or_a_sentence(tmp_path: Path, load: Callable[..., object]) -> None:
    for_minutes(partial(run, tmp_path, load), 100, "folders")
