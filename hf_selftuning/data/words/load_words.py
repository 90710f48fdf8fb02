"""Sentences with a tag for each word, from wherever the user has them, in one form."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets import Dataset

from ..embedded import check_conll2003, conll2003_files
from ..label_names import read_label_names
from ..rows.file_text import FilePath, read_text
from .columns.conll import iob2_sentences, read_columns
from .part_summary import summarise
from .tables.table_columns import WordColumns as WordColumns
from .text_cutting import AT_BLANKS
from .word_data import WordData as WordData
from .word_data import data_of, log_summary, sentences_dataset
from .word_files import read_sentences as read_sentences
from .word_hub import from_hub as from_hub
from .words_in_memory import from_columns as from_columns


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
    text_column_name: str | None = None,
    label_column_name: str | None = None,
    label_names: str | Sequence[str] | None = None,
    sentence_ends: str | None = None,
) -> WordData:
    """Read tagged sentences from files, from a dataset of the Hub, or from the package that carries CoNLL-2003.

    Args:
        dataset_name: Hub id of a dataset, or a local folder in its layout. Without it and without `train_file`,
            CoNLL-2003 of the demo's package is read.
        dataset_config: its configuration.
        revision: branch, tag or commit of it on the Hub.
        train_file: a file of any kind that `read_words` reads.
        validation_file: likewise, beside a training file.
        test_file: likewise, beside a training file.
        unlabeled_file: more sentences, without tags, see `read_unlabeled_words`.
        columns: where words and tags stand; the four arguments below say the same one by one.
        text_column_name: the column of words, by name or by number from 1; None finds it.
        label_column_name: the column of tags, likewise.
        label_names: the names of integer tags, or a JSON file with them, such as a model's config.json.
        sentence_ends: words that end a sentence in a column file where nothing separates sentences.

    Raises:
        ValueError: two sources are given, a file is given without a training file, or a source cannot be read.
    """
    _check_sources(dataset_name, train_file, validation_file or test_file)
    columns = _columns(columns, text_column_name, label_column_name, label_names, sentence_ends)
    if dataset_name is not None:
        data = from_hub(dataset_name, dataset_config, revision, columns=columns)
    elif train_file is None:
        data = from_embedded()
    else:
        data = read_words(train_file, validation_file, test_file, columns=columns)
    if not unlabeled_file:
        return data
    return data.with_unlabeled(read_sentences(unlabeled_file, columns, tagged=False, cutting=data.cutting))


def read_words(
    train: FilePath,
    validation: FilePath | None = None,
    test: FilePath | None = None,
    *,
    columns: WordColumns | None = None,
) -> WordData:
    """Read tagged sentences from files; the suffix and the content of a file tell its format.

    A file is a column file (a word a line), text whose words carry their tags (`Oslo/B-LOC`), a table (CSV, TSV,
    JSON, JSON lines, Parquet), or an export of doccano, Label Studio or Prodigy; gzip may have packed it.

    Args:
        train: file of the training sentences.
        validation: file of the validation sentences.
        test: file of the test sentences.
        columns: where words and tags stand, as far as it is known.

    Raises:
        ValueError: a file cannot be read rightly; the message names file, line or row, and the way out.
    """
    columns = columns or WordColumns()
    readings = {"train": read_sentences(train, columns)}
    for part, path in (("validation", validation), ("test", test)):
        if path is not None:
            readings[part] = read_sentences(path, columns, before=readings["train"])
    return data_of(Path(train).stem, readings, columns.tag_names)


def from_embedded() -> WordData:
    """English CoNLL-2003 out of the demo's package, checked by its published counts."""
    readings = {part: read_columns(read_text(path), path) for part, path in conll2003_files().items()}
    for part, reading in readings.items():
        check_conll2003(part, iob2_sentences(reading))
    return data_of("conll2003", readings)


def read_unlabeled_words(
    path: FilePath, columns: WordColumns | None = None, *, like: WordData | None = None
) -> Dataset:
    """Read sentences without tags into a column `tokens`; tags in the file are not read.

    Args:
        path: a table, a column file, text with a sentence a line, or an export of an annotation tool.
        columns: where the words stand, as far as it is known.
        like: data whose words these shall be like: where punctuation is a word of its own there, or each character
            is, running text is cut in the same way; None cuts it at blanks alone.

    Raises:
        ValueError: the file cannot be read, or it holds no sentence.
    """
    cutting = AT_BLANKS if like is None else like.cutting
    reading = read_sentences(path, columns or WordColumns(), tagged=False, cutting=cutting)
    log_summary(summarise("unlabeled", reading))
    return sentences_dataset(reading.sentences)


def _check_sources(dataset_name: str | None, train_file: FilePath | None, scored: FilePath | None) -> None:
    if train_file is not None and dataset_name is not None:
        raise ValueError(f"The dataset {dataset_name!r} and the training file {train_file} were both given; give one.")
    if train_file is None and scored:
        raise ValueError(f"The file {scored} was given without a training file; give that one too.")


def _columns(
    columns: WordColumns | None,
    text: str | None,
    labels: str | None,
    names: str | Sequence[str] | None,
    ends: str | None,
) -> WordColumns:
    columns = columns or WordColumns()
    given: dict[str, Any] = {"text": text, "labels": labels, "sentence_ends": ends}
    given["tag_names"] = None if names is None else read_label_names(names)
    return replace(columns, **{name: value for name, value in given.items() if value is not None})
