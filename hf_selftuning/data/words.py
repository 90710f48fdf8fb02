"""Tagged sentences from files, the Hub or a package, all in one form."""

import logging
from dataclasses import replace
from pathlib import Path

from datasets import Dataset

from .conll import looks_like_conll, read_conll, read_conll_words
from .embedded import check_conll2003, conll2003_files
from .word_data import Tagged, sentences_dataset, word_data
from .word_data import WordData as WordData
from .word_hub import from_hub as from_hub
from .word_tables import WordColumns as WordColumns
from .word_tables import read_table, read_table_words, read_text

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
    columns: WordColumns | None = None,
) -> WordData:
    """Read tagged sentences from files, from a dataset of the Hub, or from the package that carries CoNLL-2003.

    Args:
        dataset_name: Hub id of a dataset, or a local folder in its layout. Without it and without `train_file`,
            CoNLL-2003 of the demo's package is read.
        dataset_config: its configuration.
        revision: branch, tag or commit of it on the Hub.
        train_file: CoNLL column file, CSV, JSON or JSON lines, see `read_words`.
        validation_file: likewise, beside a training file.
        test_file: likewise, beside a training file.
        unlabeled_file: more sentences, without tags, see `read_unlabeled_words`.
        columns: names of the columns of words and tags; None takes the usual ones.

    Raises:
        ValueError: two sources are given, a file is given without a training file, or a source cannot be read.
    """
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
    else:
        data = read_words(train_file, validation_file, test_file, columns=columns)
    return replace(data, unlabeled=read_unlabeled_words(unlabeled_file, columns)) if unlabeled_file else data


def read_words(
    train: FilePath,
    validation: FilePath | None = None,
    test: FilePath | None = None,
    *,
    columns: WordColumns | None = None,
) -> WordData:
    """Read tagged sentences from files; the suffix of a file tells its format.

    A CSV cell holds a sentence's words or tags, with blanks between them. JSON and JSON lines hold lists or the same
    text. Every other file is a CoNLL column file: a word a line, its tag last, a blank line between sentences.

    Args:
        train: file of the training sentences.
        validation: file of the validation sentences.
        test: file of the test sentences.
        columns: names of the columns of words and tags; None takes `tokens`, and `ner_tags` or `tags`.

    Raises:
        ValueError: a file cannot be read, or a tag is neither O nor B-type nor I-type; the message names file and row.
    """
    paths = {"train": train, "validation": validation, "test": test}
    parts = {part: _tagged(Path(path), columns or WordColumns()) for part, path in paths.items() if path is not None}
    return word_data(Path(train).stem, parts)


def from_embedded() -> WordData:
    """English CoNLL-2003 from the demo's package, compared with its published counts."""
    parts = {}
    for part, path in conll2003_files().items():
        sentences = read_conll(path)
        check_conll2003(part, sentences)
        parts[part] = (sentences.tokens, sentences.tags)
    return word_data("conll2003", parts)


def read_unlabeled_words(path: FilePath, columns: WordColumns | None = None) -> Dataset:
    """Read sentences without tags into a column `tokens`; tags in the file are not read.

    Args:
        path: a table or a column file as for `read_words`, or a .txt file with a sentence on each line, whose words
            are separated by blanks.
        columns: name of the column of words; None takes `tokens`.

    Raises:
        ValueError: the file cannot be read, or holds no sentence.
    """
    path = Path(path)
    if path.suffix.lower() in TABLES:
        sentences = read_table_words(path, columns or WordColumns())
    elif path.suffix.lower() == ".txt" and not (path.is_file() and looks_like_conll(path)):
        sentences = [line.split() for line in read_text(path).split("\n") if line.strip()]
    else:
        sentences = read_conll_words(path)
    if not any(sentences):
        raise ValueError(f"The file {path} holds no sentence; fill it or leave it out.")
    return sentences_dataset(sentences)


def _tagged(path: Path, columns: WordColumns) -> Tagged:
    if path.suffix.lower() in TABLES:
        return read_table(path, columns)
    sentences = read_conll(path)
    logger.info("%s is written in %s", path, sentences.scheme)
    return sentences.tokens, sentences.tags
