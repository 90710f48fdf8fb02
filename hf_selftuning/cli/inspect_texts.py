"""Texts on the command line described: classes, lengths and doubtful spots."""

import argparse
from pathlib import Path
from typing import Any

from ..data.rows.label_cells import NoLabelsError
from ..data.texts.load_texts import TextColumns, load_texts, read_unlabeled
from ..data.texts.text_inspection import describe_texts, describe_unlabeled_texts
from ..experiment.pretrained.model_choice import language_model
from ..experiment.pretrained.pretrained_models import text_tokenizer
from ..experiment.texts.text_flags import TextDataArguments
from .data_kind import gives_other_parts

READ = (
    "validation_file", "test_file", "unlabeled_file", "text_column_name", "label_column_name", "class_names",
)  # fmt: skip


def describe(arguments: argparse.Namespace) -> str:
    """The description of the data that the flags name; a lone file without classes is described as unlabelled.

    Raises:
        ValueError: the data cannot be read.
    """
    name, path = arguments.model_name_or_path, Path(arguments.data)
    length: dict[str, Any] = {"max_length": arguments.max_length or TextDataArguments().max_length}
    length["tokenizer"] = None if name is None else text_tokenizer(language_model(name))
    given = {name: getattr(arguments, name) for name in READ}
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
            raise second from error
        return f"As training data: {error}\n\n{describe_unlabeled_texts(reading, **length)}"
    return describe_texts(data, **length)
