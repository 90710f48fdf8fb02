"""A setup that scores a saved tagger: the model's own tags, and one part of some data as the part `test`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from datasets import ClassLabel, Dataset, Features, List, Value
from transformers import AutoConfig

from ...core.task import IGNORED
from ...data.words.reading_record import ReadingRecord
from ...data.words.word_data import WordData
from ...metrics import Counts, entity_counts
from ..command.flags import ModelArguments
from ..pretrained.pretrained_models import word_tokenizer
from ..setup.run_setup import Setup
from ..setup.scoring_target import Target, named_part, one_part, run_part
from .word_examples import read_word_data, split_word_data
from .word_flags import WordConfig, WordDataArguments
from .word_setup import WordSetup


def word_setup(target: Target) -> tuple[Setup, Counts | None]:
    """A setup whose part `test` is to be scored, and the counts of entities whose types the model does not know."""
    flags, names = target.flags(WordDataArguments), target.classes
    flags, data, examples = _words(target, flags)
    if target.record is None and flags.max_length == WordDataArguments().max_length:
        # The model's config holds the length that it was trained with; a model of others may read less than ours.
        read = ReadingRecord.of(AutoConfig.from_pretrained(target.model)).max_length
        limit = word_tokenizer(target.model).model_max_length
        flags = replace(flags, max_length=read or min(flags.max_length, limit))
    known, missed = in_model_tags(examples, data.tag_names, names)
    flags = replace(flags, dataset_name=None, train_file=data.name)  # the setup must not look for a default dataset
    config, model = target.config(WordConfig), ModelArguments(model_name_or_path=target.model)
    data = replace(data, train=known, validation=None, test=known, tag_names=names, unlabeled=None)
    return WordSetup(model, flags, config, data, one_part(known)), missed


def in_model_tags(examples: Dataset, given: Sequence[str], names: Sequence[str]) -> tuple[Dataset, Counts | None]:
    """The sentences with the tags of the model by index, and the counts of entities that it cannot find.

    Args:
        examples: with a column `ner_tags`.
        given: names of their tags by index.
        names: names of the model's tags by index.
    """
    places = {tag: names.index(name) for tag, name in enumerate(given) if name in names}
    outside = list(names).index("O") if "O" in names else 0
    rows = examples["ner_tags"]
    tags = [[places.get(tag, outside) if tag != IGNORED else tag for tag in row] for row in rows]
    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=list(names)))})
    made = Dataset.from_dict({"tokens": list(examples["tokens"])}).add_column("ner_tags", tags).cast(features)
    if len(places) == len(given):
        return made, None
    unknown = [["O" if tag == IGNORED or tag in places else given[tag] for tag in row] for row in rows]
    return made, entity_counts([["O"] * len(row) for row in unknown], unknown)


def _words(target: Target, flags: WordDataArguments) -> tuple[WordDataArguments, WordData, Dataset]:
    """The flags, the data, and the part that is scored."""
    if target.data is None:
        data = read_word_data(flags)
        return flags, data, run_part(target, split_word_data(data, target.budget(), flags, target.folder))
    given = target.data
    if isinstance(given, str):
        flags = replace(flags, unlabeled_file=None, validation_file=None, test_file=given)
        named = replace(flags, test_file=None, train_file=None, dataset_name=given)
        given = flags if Path(given).is_file() else named
    if given.test_file is None or (given.train_file is not None and Path(given.train_file).is_file()):
        data = read_word_data(given)
        return given, data, named_part(target, data)
    # The file alone: its tag scheme is found in it.
    data = read_word_data(replace(given, train_file=given.test_file, test_file=None, dataset_name=None))
    return given, data, data.train
