"""Sentences with a tag for each word, from wherever the user has them, in one form."""

import logging
from dataclasses import replace
from pathlib import Path

from datasets import Dataset

from hf_selftuning.data.conll import looks_like_conll, read_conll, read_conll_words
from hf_selftuning.data.embedded import check_conll2003, conll2003_files
from hf_selftuning.data.tables import Columns as Columns
from hf_selftuning.data.tables import read_table, read_table_words, read_text
from hf_selftuning.data.word_data import WordData as WordData
from hf_selftuning.data.word_data import sentences_dataset, word_data
from hf_selftuning.data.word_hub import from_hub as from_hub

logger = logging.getLogger(__name__)

TABLES = (".csv", ".json", ".jsonl")

FilePath = str | Path


def load_words(
    *,
    dataset_name: str | None = None,
    dataset_config: str | None = None,
    revision: str | None = None,
    train_file: FilePath | None = None,
    validation_file: FilePath | None = None,
    test_file: FilePath | None = None,
    unlabeled_file: FilePath | None = None,
    columns: Columns | None = None,
) -> WordData:
    """Load files if a training file is given, else a dataset by its name, else the embedded CoNLL-2003."""
    if train_file is not None and dataset_name is not None:
        raise ValueError(f"The dataset {dataset_name!r} and the training file {train_file} were both given; give one.")
    if train_file is None and (validation_file or test_file):
        raise ValueError(
            f"The file {validation_file or test_file} was given without a training file; give that one too."
        )
    if dataset_name is not None:
        data = from_hub(dataset_name, dataset_config, revision, columns=columns)
    elif train_file is None:
        data = from_embedded()
    elif Path(train_file).suffix in TABLES:
        data = from_table_files(train_file, validation_file, test_file, columns=columns)
    else:
        data = from_conll_files(train_file, validation_file, test_file)
    return replace(data, unlabeled=read_unlabeled(unlabeled_file, columns)) if unlabeled_file else data


def from_conll_files(
    train: FilePath,
    validation: FilePath | None = None,
    test: FilePath | None = None,
    unlabeled: FilePath | None = None,
) -> WordData:
    """Column files, see `read_conll`."""
    parts = {}
    for part, path in _given(train, validation, test).items():
        sentences = read_conll(path)
        logger.info("%s is written in %s", path, sentences.scheme)
        parts[part] = (sentences.tokens, sentences.tags)
    return word_data(Path(train).stem, parts, read_unlabeled(unlabeled) if unlabeled else None)


def from_table_files(
    train: FilePath,
    validation: FilePath | None = None,
    test: FilePath | None = None,
    unlabeled: FilePath | None = None,
    *,
    columns: Columns | None = None,
) -> WordData:
    """CSV (words and tags separated by blanks within a cell), JSON or JSON lines (lists or such text)."""
    columns = columns or Columns()
    parts = {part: read_table(path, columns) for part, path in _given(train, validation, test).items()}
    return word_data(Path(train).stem, parts, read_unlabeled(unlabeled, columns) if unlabeled else None)


def from_embedded() -> WordData:
    """English CoNLL-2003 out of the demo's package, checked by its published counts."""
    parts = {}
    for part, path in conll2003_files().items():
        sentences = read_conll(path)
        check_conll2003(part, sentences)
        parts[part] = (sentences.tokens, sentences.tags)
    return word_data("conll2003", parts)


def read_unlabeled(path: FilePath, columns: Columns | None = None) -> Dataset:
    """Words without tags: a table, a column file, or a .txt with a sentence a line, words apart by blanks."""
    path = Path(path)
    if path.suffix in TABLES:
        sentences = read_table_words(path, columns or Columns())
    elif path.suffix == ".txt" and path.is_file() and not looks_like_conll(path):
        sentences = [line.split() for line in read_text(path).split("\n") if line.strip()]
    else:
        sentences = read_conll_words(path)
    if not any(sentences):
        raise ValueError(f"The file {path} holds no sentence; fill it or leave it out.")
    return sentences_dataset(sentences)


def _given(train: FilePath, validation: FilePath | None, test: FilePath | None) -> dict[str, FilePath]:
    paths = {"train": train, "validation": validation, "test": test}
    return {part: path for part, path in paths.items() if path is not None}
