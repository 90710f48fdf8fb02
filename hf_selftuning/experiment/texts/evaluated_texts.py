"""A setup that scores a saved classifier of texts: the model's classes, and one part of some data as `test`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets import ClassLabel, Dataset

from ...data.texts.text_data import LABEL, TextData
from ...data.words.word_pieces import LONGEST
from ...metrics import Counts
from ..command.flags import ModelArguments
from ..pretrained.pretrained_models import text_tokenizer
from ..setup.run_setup import Setup
from ..setup.scoring_target import Target, named_part, one_part, run_part
from .text_examples import read_text_data, split_text_data
from .text_flags import TextConfig, TextDataArguments
from .text_setup import TextSetup


def text_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored; all classes of its texts must be the model's."""
    flags, names = target.flags(TextDataArguments), target.classes
    flags, data, examples = _texts(target, flags)
    if flags.max_length == TextDataArguments().max_length:
        # The tokenizer that was saved with the model says where texts are cut.
        flags = replace(flags, max_length=min(text_tokenizer(target.model).model_max_length, LONGEST))
    known = in_model_classes(examples, data.class_names, names, data.name)
    config, model = target.config(TextConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, class_names=names, unlabeled=None)
    return TextSetup(model, flags, config, data, one_part(known)), None


def in_model_classes(examples: Dataset, given: Sequence[str], names: Sequence[str], data: str) -> Dataset:
    """The texts with the classes of the model by index.

    Raises:
        ValueError: there is a text of a class that the model does not know.
    """
    strange = sorted({given[label] for label in set(examples[LABEL])} - set(names))
    if strange:
        raise ValueError(
            f"{data} has texts of {', '.join(strange)}, and the model knows {', '.join(names)}; name the classes as "
            "the model names them, or take those texts out."
        )
    labels = [list(names).index(given[label]) for label in examples[LABEL]]
    return examples.remove_columns(LABEL).add_column(LABEL, labels, feature=ClassLabel(names=list(names)))


def _texts(target: Target, flags: TextDataArguments) -> tuple[TextDataArguments, TextData, Dataset]:
    """The flags, the data, and the part that is scored."""
    if target.data is None:
        data = read_text_data(flags)
        return flags, data, run_part(target, split_text_data(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        place: dict[str, Any] = (
            {"train_file": given, "dataset_name": None} if Path(given).exists() else {"dataset_name": given}
        )
        place = {"train_file": None, **place, "validation_file": None, "test_file": None, "unlabeled_file": None}
        given = replace(flags, **place)
    elif given.test_file is not None and given.train_file is None and given.dataset_name is None:
        given = replace(given, train_file=given.test_file, test_file=None)
    whole = replace(given, test_share=0.0) if given.train_file and given.test_file is None else given
    data = read_text_data(whole)
    if target.part == "test" and data.test is None:
        return given, data, data.train
    return given, data, named_part(target, data)
