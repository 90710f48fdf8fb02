"""The split of a run: drawn or read back, and written beside the results."""

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset, concatenate_datasets

from ..data.sampling_order import first_of_each_class, held_classes, sampling_order
from ..data.splits import Split, draw_split
from ..data.word_data import WordData
from .flags import BudgetArguments
from .run_folder import traces_of


def entity_types(data: WordData) -> list[set[str]]:
    """For each training sentence the types of its entities, which a split of words is stratified by."""
    names = data.tag_names
    return [{names[tag][2:] for tag in tags if names[tag] != "O"} for tags in data.train["ner_tags"]]


def make_split(
    budget: BudgetArguments, classes: Sequence[object], folder: Path, *, dataset: str, class_names: Sequence[str]
) -> Split:
    """The split the flags ask for, saved as `split.json` in the run's folder.

    Args:
        budget: ratio or labels a class, or the file of a former split.
        classes: for each example its class, or the classes it holds.
        folder: the run's; where checkpoints are in it, they go on with the split they began with.
        dataset: its name, for the file.
        class_names: classes that must be there.

    Raises:
        ValueError: data and budget give no such split, or another one than the flags or the folder's run say.
    """
    if budget.split_file is not None:
        split = _read(budget, budget.split_file, classes)
    else:
        split = draw_split(
            classes,
            label_ratio=budget.label_ratio,
            labels_per_class=budget.labels_per_class,
            seed=budget.split_seed,
            dataset=dataset,
            class_names=class_names,
        )
    path = folder / "split.json"
    resuming = path.is_file() and bool(traces_of(folder))
    if resuming and Split.load(path, classes=classes).hash != split.hash:
        raise ValueError(
            f"The run in {folder} began with other labels than the flags ask for; go on with --split_file {path}, or "
            "give another --output_dir."
        )
    split.save(path)
    return split


def _read(budget: BudgetArguments, path: str, classes: Sequence[object]) -> Split:
    """The split of a former run, unless the flags ask for another budget than it was drawn with."""
    split = Split.load(path, classes=classes)
    for name, given, drawn in (
        ("label_ratio", budget.label_ratio, split.label_ratio),
        ("labels_per_class", budget.labels_per_class, split.labels_per_class),
    ):
        if given not in (None, drawn):
            raise ValueError(
                f"The split in {path} was drawn with {name}={drawn}, and --{name} {given} was given beside it; leave "
                "one of the two flags out."
            )
    return split


def hold_out(split: Split, classes: Sequence[object], share: float) -> tuple[list[int], list[int]]:
    """The labelled examples to train on, and those kept for validation: stratified, seeded by the split.

    Args:
        split: says which examples are labelled.
        classes: for each example of the data its class, or the classes it holds.
        share: of the labelled examples to keep, rounded to whole ones; 0 keeps none.

    Raises:
        ValueError: it is no share, or a class would have no example left to train on.
    """
    if not 0 <= share < 1:
        raise ValueError(f"validation_share={share} is not a share; give 0 for none, or one below 1, such as 0.2.")
    if share == 0:
        return list(split.labeled), []
    held = [held_classes(classes[index]) for index in split.labeled]
    order = sampling_order(held, split.seed)
    kept = len(order) - max(round(share * len(order)), 1)
    needed = len(first_of_each_class(held, order))
    if kept < needed:
        raise ValueError(
            f"validation_share={share} leaves {kept} of {len(order)} labelled examples to train on, and {needed} are "
            "needed to have every class; lower it, or label more."
        )
    train, validation = (sorted(split.labeled[place] for place in part) for part in (order[:kept], order[kept:]))
    return train, validation


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
