"""The examples of a run on words: read from where the flags say, and divided by a split."""

from functools import lru_cache
from pathlib import Path

from ...data.words.load_words import WordData, load_words
from ..command.flags import BudgetArguments
from ..pretrained.model_choice import named_or_fallback
from ..setup.labels import entity_types, make_split, sentence_contents, sentence_places
from ..setup.parts import Parts, divide
from .word_flags import WordDataArguments

DEFAULT_DATASET = "lhoestq/conll2003"
DEFAULT_RATIO = 0.15


@lru_cache(maxsize=1)  # a fallback is decided and printed once
def dataset_of(source: WordDataArguments) -> str | None:
    """The dataset that the flags name, else CoNLL-2003 on the Hub; None stands for files or the embedded copy."""
    if source.train_file is not None:
        return source.dataset_name
    return named_or_fallback(source.dataset_name, DEFAULT_DATASET, "dataset", "the embedded CoNLL-2003")


@lru_cache(maxsize=1)  # the cells of a comparison share the data
def read_word_data(source: WordDataArguments) -> WordData:
    """The sentences that the flags name.

    Args:
        source: flags of the data.

    Raises:
        ValueError: a file or a dataset cannot be read.
    """
    return load_words(
        dataset_name=dataset_of(source),
        dataset_config=source.dataset_config_name,
        revision=source.dataset_revision,
        train_file=source.train_file,
        validation_file=source.validation_file,
        test_file=source.test_file,
        unlabeled_file=source.unlabeled_file,
        text_column_name=source.text_column_name,
        label_column_name=source.label_column_name,
        label_names=source.tag_names,
        sentence_ends=source.sentence_ends,
    )


def split_word_data(data: WordData, budget: BudgetArguments, source: WordDataArguments, folder: Path) -> Parts:
    """Draw which sentences keep their tags, and divide the data; the split is written to the folder.

    Args:
        data: the sentences.
        budget: flags of the labels. Without a budget, 15 % of the sentences keep their tags; all of them do if the
            user's files hold unlabelled sentences, in a file of their own or among the tagged ones.
        source: flags of the data.
        folder: the run's folder.

    Raises:
        ValueError: the data cannot give such a split.
    """
    if budget.is_open:
        budget.label_ratio = 1.0 if source.train_file and data.unlabeled is not None else DEFAULT_RATIO
    types = entity_types(data)
    contents, places = sentence_contents(data), sentence_places(data)
    split = make_split(budget, types, folder, dataset=data.name, class_names=(), contents=contents, places=places)
    return divide(data, split, types, budget.validation_share)
