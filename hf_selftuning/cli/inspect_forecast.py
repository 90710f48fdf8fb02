"""The forecast of a run on texts or images, from the frozen features of its pretrained model."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from ..experiment.command.flags import BudgetArguments, ModelArguments
from ..experiment.images.image_flags import ImageConfig, ImageDataArguments
from ..experiment.images.image_setup import ImageSetup
from ..experiment.outlook.frozen_parts import frozen_parts
from ..experiment.outlook.outlook import Outlook, outlook_of
from ..experiment.outlook.outlook_text import describe_outlook
from ..experiment.outlook.suggestion_file import suggestions_of, write_suggestions
from ..experiment.setup.run_setup import Setup
from ..experiment.texts.text_flags import TextConfig, TextDataArguments
from ..experiment.texts.text_setup import TextSetup
from .data_kind import image_source, is_texts

IMAGES = ("test_dir", "unlabeled_dir", "image_column_name", "label_column_name", "class_names", "image_size")
TEXTS = (
    "validation_file", "test_file", "unlabeled_file", "text_column_name", "label_column_name", "class_names",
    "augmented_columns", "open_set_class", "max_length",
)  # fmt: skip


def forecast(arguments: argparse.Namespace) -> str:
    """The forecast in words; the file of suggestions is written if the flags ask for it.

    Raises:
        ValueError: the data are words, they cannot be read as `train` reads them, or nothing is there to suggest.
    """
    if arguments.suggest is not None and arguments.suggest < 1:
        raise ValueError(
            f"--suggest takes a number of examples of at least 1, and {arguments.suggest} was given; give one, such "
            "as --suggest 20, or leave the flag out."
        )
    with tempfile.TemporaryDirectory() as folder:
        setup = _setup(arguments, folder)
        frozen = frozen_parts(setup)
        outlook = outlook_of(frozen, setup.class_names)
        text = describe_outlook(setup, frozen, outlook)
    if arguments.suggest is None:
        return text
    return f"{text}\n\n{_suggested(arguments, setup, frozen, outlook)}"


def _setup(arguments: argparse.Namespace, folder: str) -> Setup:
    """The run that `train` would make of the data, in a folder for its split."""
    model = ModelArguments(arguments.model_name_or_path)
    budget = BudgetArguments(arguments.label_ratio, arguments.labels_per_class, arguments.split_seed)
    config: dict[str, Any] = {"output_dir": folder, "disable_tqdm": True}
    if is_texts(arguments.data, arguments.task):
        kind = "train_file" if Path(arguments.data).exists() else "dataset_name"
        texts = TextDataArguments(**{kind: arguments.data}, **_given(arguments, TEXTS))
        return TextSetup.from_flags(model, texts, budget, TextConfig(**config))
    source = image_source(arguments.data, arguments.task)
    if source is None:
        raise ValueError(
            f"--forecast reads features of whole texts or images, and {arguments.data} holds words with tags; leave "
            "the flag out, or name the kind of the data by --task."
        )
    # `inspect` lists copies and broken images as doubts, so the forecast is made in spite of them.
    images = ImageDataArguments(**source, **_given(arguments, IMAGES), allow_duplicates=True, skip_broken=True)
    return ImageSetup.from_flags(model, images, budget, ImageConfig(**config))


def _given(arguments: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(arguments, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _suggested(arguments: argparse.Namespace, setup: Setup, frozen: Any, outlook: Outlook) -> str:
    if outlook.predictions is None:
        raise ValueError(
            f"--suggest names unlabelled {setup.unit_name}, and the data has none; add some, with an empty label or "
            "in a part of their own, or leave labels out by --label_ratio."
        )
    found = suggestions_of(frozen, outlook.predictions, setup.class_names, arguments.suggest)
    write_suggestions(Path(arguments.output), found)
    return (
        f"{len(found)} {setup.unit_name} that would help most if they were labelled next are in {arguments.output}; "
        "fill the column `label`. The column `guess` has the predicted class."
    )
