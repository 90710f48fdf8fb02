"""Sentences on the command line described: words, tags, lengths and doubtful spots."""

import argparse
from pathlib import Path

from ..data.label_names import read_label_names
from ..data.rows.label_cells import NoLabelsError
from ..data.words.inspection import describe_untagged, describe_words
from ..data.words.load_words import WordColumns, load_words, read_sentences
from ..data.words.word_records import Reading
from ..experiment.pretrained.model_choice import EMBEDDED
from ..experiment.pretrained.pretrained_models import word_tokenizer
from ..experiment.words.word_flags import WordDataArguments
from .data_kind import error_of_texts, gives_other_parts
from .described import Described
from .inspect_encoder import Encoder, encoder_of


def describe(arguments: argparse.Namespace) -> Described:
    """The description of the data that the flags name; a lone file without tags is described as unlabelled.

    Raises:
        ValueError: the data cannot be read.
    """
    file = Path(arguments.data).is_file()
    given = {
        name: getattr(arguments, name)
        for name in ("validation_file", "test_file", "unlabeled_file", "label_column_name")
    }
    given |= {
        "dataset_config": arguments.dataset_config_name,
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
        reading, encoder = _untagged(arguments, error), _encoder(arguments)
        reason = f"As training data: {error}{as_texts(arguments, error)}"
        return encoder.described(f"{reason}\n\n{describe_untagged(reading, **encoder.length)}")
    encoder = _encoder(arguments)
    return encoder.described(describe_words(data, **encoder.length))


def _encoder(arguments: argparse.Namespace) -> Encoder:
    return encoder_of(arguments, word_tokenizer, WordDataArguments().max_length)


def as_texts(arguments: argparse.Namespace, error: ValueError) -> str:
    """What is said behind an error of words, if nobody said what the file holds, and it has another one as texts."""
    other = error_of_texts(arguments.data) if arguments.task is None else ""
    return f" As texts of one class each: {other}" if other and other != str(error) else ""


def _column(arguments: argparse.Namespace) -> str | None:
    """The column of the words; the flag takes several, for pairs of texts."""
    return (arguments.text_column_name or [None])[0]


def _untagged(arguments: argparse.Namespace, error: ValueError) -> Reading:
    names = None if arguments.tag_names is None else read_label_names(arguments.tag_names)
    columns = WordColumns(text=_column(arguments), tag_names=names, sentence_ends=arguments.sentence_ends)
    try:
        return read_sentences(arguments.data, columns, tagged=False)
    except ValueError as second:
        raise second from error
