"""The split of a run: drawn or read back, and written beside the results."""

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset, concatenate_datasets

from ..splits import Split, draw_split
from .arguments import BudgetArguments


def make_split(
    budget: BudgetArguments, classes: Sequence[object], folder: Path, *, dataset: str, class_names: Sequence[str]
) -> Split:
    """The split the flags ask for, saved as `split.json` in the run's folder.

    Args:
        budget: ratio or labels a class, or the file of a former split.
        classes: for each example its class, or the classes it holds.
        folder: the run's.
        dataset: its name, for the file.
        class_names: classes that must be there.
    """
    if budget.split_file is not None:
        split = Split.load(budget.split_file, classes=classes)
    else:
        split = draw_split(
            classes,
            label_ratio=budget.label_ratio,
            labels_per_class=budget.labels_per_class,
            seed=budget.split_seed,
            dataset=dataset,
            class_names=class_names,
        )
    split.save(folder / "split.json")
    return split


def unlabeled_pool(train: Dataset, split: Split, extra: Dataset | None) -> tuple[Dataset | None, bool]:
    """The unlabelled examples, and whether their true labels are known (for figures only).

    Args:
        train: the training set the split was drawn from.
        split: which of it is unlabelled.
        extra: data that never had labels.
    """
    rest = train.select(split.unlabeled) if split.unlabeled else None
    if extra is None:
        return rest, rest is not None
    if rest is None:
        return extra, False
    return concatenate_datasets([rest.select_columns(extra.column_names), extra]), False
