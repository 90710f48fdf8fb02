"""Texts on the command line described: classes, lengths and doubtful spots."""

import argparse
from pathlib import Path

from ..data.rows.label_cells import NoLabelsError
from ..data.texts.load_texts import TextColumns, load_texts, read_unlabeled
from ..data.texts.text_inspection import describe_texts, describe_unlabeled_texts
from ..experiment.pretrained.pretrained_models import text_tokenizer
from ..experiment.texts.text_flags import TextDataArguments
from .data_kind import gives_other_parts
from .described import Described
from .inspect_encoder import Encoder, encoder_of

READ = (
    "validation_file", "test_file", "unlabeled_file", "text_column_name", "label_column_name", "class_names",
)  # fmt: skip


def describe(arguments: argparse.Namespace) -> Described:
    """The description of the data that the flags name; a lone file without classes is described as unlabelled.

    Raises:
        ValueError: the data cannot be read.
    """
    path = Path(arguments.data)
    given = {name: getattr(arguments, name) for name in READ}
    given["dataset_config"] = arguments.dataset_config_name
    given |= {name: getattr(arguments, name) or () for name in ("augmented_columns", "open_set_class")}
    try:
        # A run splits off a test part; here all texts are described.
        data = load_texts(**{"train_file" if path.exists() else "dataset_name": arguments.data}, test_share=0, **given)
    except NoLabelsError as error:
        if not path.exists() or gives_other_parts(arguments):
            raise
        try:
            reading = read_unlabeled(path, TextColumns(arguments.text_column_name))
        except ValueError as second:
            if path.is_dir():  # of tables: what their training part lacks says more than that there is no text file
                raise error from second
            raise second from error
        encoder = _encoder(arguments)
        return encoder.described(f"As training data: {error}\n\n{describe_unlabeled_texts(reading, **encoder.length)}")
    encoder = _encoder(arguments)
    return encoder.described(describe_texts(data, **encoder.length))


def _encoder(arguments: argparse.Namespace) -> Encoder:
    return encoder_of(arguments, text_tokenizer, TextDataArguments().max_length)
