"""The examples of a run on texts: read from where the flags say, and divided by a split."""

from functools import lru_cache
from pathlib import Path

from ...data.texts.load_texts import TextData, load_texts
from ...data.texts.text_data import LABEL
from ..command.flags import BudgetArguments
from ..setup.labels import make_split
from ..setup.parts import Parts, divide
from .text_flags import TextDataArguments

DEFAULT_RATIO = 0.15


@lru_cache(maxsize=1)  # the cells of a comparison share the data
def read_text_data(source: TextDataArguments) -> TextData:
    """The texts that the flags name.

    Args:
        source: flags of the data.

    Raises:
        ValueError: no source is named, or a file or a dataset cannot be read.
    """
    return load_texts(
        dataset_name=source.dataset_name,
        dataset_config=source.dataset_config_name,
        revision=source.dataset_revision,
        train_file=source.train_file,
        validation_file=source.validation_file,
        test_file=source.test_file,
        unlabeled_file=source.unlabeled_file,
        test_share=source.test_share,
        text_column_name=source.text_column_name,
        label_column_name=source.label_column_name,
        class_names=source.class_names,
        augmented_columns=source.augmented_columns or (),
        open_set_class=source.open_set_class or (),
    )


def split_text_data(data: TextData, budget: BudgetArguments, source: TextDataArguments, folder: Path) -> Parts:
    """Draw which texts keep their classes, and divide the data; the split is written to the folder.

    Args:
        data: the texts.
        budget: flags of the labels. Without a budget, 15 % of the texts keep their classes; all of them do if the data
            hold unlabelled texts, in a file of their own or among the labelled ones.
        source: flags of the data.
        folder: the run's folder.

    Raises:
        ValueError: the data cannot give such a split.
    """
    if budget.is_open:
        budget.label_ratio = 1.0 if data.unlabeled is not None else DEFAULT_RATIO
    classes = data.train[LABEL][:]
    contents = data.split_contents
    places = [f"the text {text[:60]!r}" for text in data.train[data.text_columns[0]][:]]
    split = make_split(
        budget, classes, folder, dataset=data.name, class_names=data.class_names, contents=contents, places=places
    )
    return divide(data, split, classes, budget.validation_share)
