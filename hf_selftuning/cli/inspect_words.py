"""Sentences on the command line described: words, tags, lengths and doubtful spots."""

import argparse
from pathlib import Path
from typing import Any

from ..data.label_names import read_label_names
from ..data.rows.label_cells import NoLabelsError
from ..data.words.inspection import describe_untagged, describe_words
from ..data.words.load_words import WordColumns, load_words, read_sentences
from ..experiment.pretrained.model_choice import EMBEDDED, language_model
from ..experiment.pretrained.pretrained_models import word_tokenizer
from ..experiment.words.word_flags import WordDataArguments
from .data_kind import error_of_texts, gives_other_parts


def describe(arguments: argparse.Namespace) -> str:
    """The description of the data that the flags name; a lone file without tags is described as unlabelled.

    Raises:
        ValueError: the data cannot be read.
    """
    name = arguments.model_name_or_path
    length: dict[str, Any] = {"max_length": arguments.max_length or WordDataArguments().max_length}
    length["tokenizer"] = None if name is None else word_tokenizer(language_model(name))
    file = Path(arguments.data).is_file()
    given = {
        name: getattr(arguments, name)
        for name in ("validation_file", "test_file", "unlabeled_file", "label_column_name")
    }
    given |= {
        "text_column_name": _column(arguments),
        "label_names": arguments.tag_names,
        "sentence_ends": arguments.sentence_ends,
    }
    try:
        kind = "train_file" if file else "dataset_name"
        data = load_words(**({} if arguments.data == EMBEDDED else {kind: arguments.data}), **given)
    except NoLabelsError as error:
        if not file or gives_other_parts(arguments):
            raise
        return f"As training data: {error}{as_texts(arguments, error)}\n\n{_untagged(arguments, length, error)}"
    return describe_words(data, **length)


def as_texts(arguments: argparse.Namespace, error: ValueError) -> str:
    """What is said behind an error of words, if nobody said what the file holds, and it has another one as texts."""
    other = error_of_texts(arguments.data) if arguments.task is None else ""
    return f" As texts of one class each: {other}" if other and other != str(error) else ""


def _column(arguments: argparse.Namespace) -> str | None:
    """The column of the words; the flag takes several, for pairs of texts."""
    return (arguments.text_column_name or [None])[0]


def _untagged(arguments: argparse.Namespace, length: dict[str, Any], error: ValueError) -> str:
    names = None if arguments.tag_names is None else read_label_names(arguments.tag_names)
    columns = WordColumns(text=_column(arguments), tag_names=names, sentence_ends=arguments.sentence_ends)
    try:
        return describe_untagged(read_sentences(arguments.data, columns, tagged=False), **length)
    except ValueError as second:
        raise second from error
