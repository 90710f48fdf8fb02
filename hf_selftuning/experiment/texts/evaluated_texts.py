"""A setup that scores a saved classifier of texts: the model's classes, and one part of some data as `test`."""

from dataclasses import replace

from ...data.words.word_pieces import LONGEST
from ...metrics import Counts
from ..command.flags import ModelArguments
from ..pretrained.pretrained_models import text_tokenizer
from ..setup.run_setup import Setup
from ..setup.scoring_target import DataPlaces, Target, class_examples, in_model_classes, one_part
from .text_examples import read_text_data, split_text_data
from .text_flags import TextConfig, TextDataArguments
from .text_setup import TextSetup

PLACES = DataPlaces("train_file", "test_file", ("validation_file", "unlabeled_file"))


def text_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored; all classes of its texts must be the model's."""
    flags, names = target.flags(TextDataArguments), target.classes
    flags, data, examples = class_examples(target, flags, read_text_data, split_text_data, PLACES)
    if flags.max_length == TextDataArguments().max_length:
        # The tokenizer that was saved with the model says where texts are cut.
        flags = replace(flags, max_length=min(text_tokenizer(target.model).model_max_length, LONGEST))
    known = in_model_classes(data, examples, names)
    config, model = target.config(TextConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, class_names=names, unlabeled=None)
    return TextSetup(model, flags, config, data, one_part(known)), None
