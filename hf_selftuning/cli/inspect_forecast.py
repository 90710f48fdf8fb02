"""The forecast of a run, from the frozen features of its pretrained model."""

import argparse
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

from ..data.rows.label_cells import NoLabelsError
from ..experiment.command.command_end import sentence_of
from ..experiment.command.flags import BudgetArguments, ModelArguments
from ..experiment.images.image_flags import ImageConfig, ImageDataArguments
from ..experiment.images.image_setup import ImageSetup
from ..experiment.outlook.outlook_text import forecast as forecast_of
from ..experiment.setup.run_setup import Setup
from ..experiment.texts.text_flags import TextConfig, TextDataArguments
from ..experiment.texts.text_setup import TextSetup
from ..experiment.words.word_flags import WordConfig, WordDataArguments
from ..experiment.words.word_setup import WordSetup
from .data_kind import image_source, is_texts

SECONDS = 20.0
"""Time in which samples are read: less than in a run, because the data were described before."""
IMAGES = (
    "dataset_config_name", "test_dir", "unlabeled_dir", "image_column_name", "label_column_name", "class_names",
    "image_size",
)  # fmt: skip
WORDS = (
    "dataset_config_name",
    "validation_file", "test_file", "unlabeled_file", "text_column_name", "label_column_name", "tag_names",
    "sentence_ends", "max_length",
)  # fmt: skip
TEXTS = (
    "dataset_config_name",
    "validation_file", "test_file", "unlabeled_file", "text_column_name", "label_column_name", "class_names",
    "augmented_columns", "open_set_class", "max_length",
)  # fmt: skip


def forecast(arguments: argparse.Namespace, model: str | None) -> str:
    """The forecast in words; or why there is none, unless `--forecast` asked for it.

    Args:
        arguments: flags of `inspect`.
        model: as `--model_name_or_path` takes it; None takes the default one.

    Raises:
        ValueError: `--forecast` was given, and `train` would refuse the data.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            with _quietly():
                setup = _setup(arguments, ModelArguments(model), folder)
            return forecast_of(setup, notes=setup.notes, seconds=SECONDS)
    except NoLabelsError as error:
        return no_forecast(arguments, error, "it needs labels, and the data have none.")
    except (ValueError, OSError) as error:
        return no_forecast(arguments, error, sentence_of(error))


@contextmanager
def _quietly() -> Iterator[None]:
    """Read data without warnings of their doubts, which the description has told."""
    log = logging.getLogger("hf_selftuning.data")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def no_forecast(arguments: argparse.Namespace, error: Exception, reason: str) -> str:
    """The line in place of a forecast, or the error if `--forecast` was given."""
    if arguments.forecast:
        raise error
    return f"no forecast: {reason}"


def _setup(arguments: argparse.Namespace, model: ModelArguments, folder: str) -> Setup:
    """The run that `train` would make of the data, in a folder for its split."""
    budget = BudgetArguments(arguments.label_ratio, arguments.labels_per_class, arguments.split_seed)
    config: dict[str, Any] = {"output_dir": folder, "disable_tqdm": True}
    if is_texts(arguments.data, arguments.task):
        kind = "train_file" if Path(arguments.data).exists() else "dataset_name"
        texts = TextDataArguments(**{kind: arguments.data}, **_given(arguments, TEXTS))
        return TextSetup.from_flags(model, texts, budget, TextConfig(**config))
    source = image_source(arguments.data, arguments.task)
    if source is None:
        return _words(arguments, model, budget, WordConfig(**config))
    # `inspect` lists copies and broken images as doubts, so the forecast is made in spite of them.
    images = ImageDataArguments(**source, **_given(arguments, IMAGES), allow_duplicates=True, skip_broken=True)
    return ImageSetup.from_flags(model, images, budget, ImageConfig(**config))


def _words(
    arguments: argparse.Namespace, model: ModelArguments, budget: BudgetArguments, config: WordConfig
) -> WordSetup:
    kind = "train_file" if Path(arguments.data).is_file() else "dataset_name"
    given = _given(arguments, WORDS)
    for name, join in (("text_column_name", itemgetter(0)), ("tag_names", ",".join)):
        if name in given:
            given[name] = join(given[name])
    return WordSetup.from_flags(model, WordDataArguments(**{kind: arguments.data}, **given), budget, config)


def _given(arguments: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(arguments, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}
