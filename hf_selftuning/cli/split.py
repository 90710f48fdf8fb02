"""Make a split (which examples keep their labels), or inspect one."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from ..data.images import DIGITS, load_images
from ..data.sampling_order import held_classes
from ..data.splits import Split, draw_split
from ..data.words import load_words
from ..experiment.labels import entity_types


@dataclass(frozen=True)
class Examples:
    """What a split needs to know of a training set.

    Args:
        classes: for each example its class, or the classes it holds.
        class_names: those that must be there; they name classes that are numbers.
    """

    name: str
    classes: Sequence[object]
    class_names: Sequence[str]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Data and budget to make one, or the file of a former one."""
    parser.add_argument(
        "data", nargs="?", metavar="DATA", help="a file of tagged sentences, a folder of class folders, `digits`"
    )
    parser.add_argument("--split_file", help="a split.json to inspect; with DATA, also its classes")
    parser.add_argument("--label_ratio", type=float, help="share of the training set that keeps its labels")
    parser.add_argument("--labels_per_class", type=int, help="labelled examples a class, in place of a ratio")
    parser.add_argument("--split_seed", type=int, default=0, help="budgets of one seed are nested (default: 0)")
    parser.add_argument("--output", default="split.json", help="where it is written (default: split.json)")


def run(arguments: argparse.Namespace) -> int:
    """Draw and write a split, or read one; print what it holds."""
    examples = None if arguments.data is None else read_examples(arguments.data)
    if arguments.split_file is not None:
        path = arguments.split_file
        split = Split.read(path) if examples is None else Split.load(path, classes=examples.classes)
        print(describe(split, examples))
        return 0
    if examples is None:
        raise ValueError("A split is drawn from data; name a file or a folder, or a split to inspect by --split_file.")
    split = draw_split(
        examples.classes,
        label_ratio=arguments.label_ratio,
        labels_per_class=arguments.labels_per_class,
        seed=arguments.split_seed,
        dataset=examples.name,
        class_names=examples.class_names,
    )
    split.save(arguments.output)
    print(describe(split, examples))
    print(f"\nwritten to {arguments.output}; a recipe takes it with --split_file {arguments.output}")
    return 0


def read_examples(data: str) -> Examples:
    """The classes of a training set, as the recipes read them.

    Raises:
        ValueError: there is no such file or folder.
    """
    if data == DIGITS or Path(data).is_dir():
        images = load_images(dataset_name=DIGITS) if data == DIGITS else load_images(data_dir=data)
        return Examples(images.name, images.train["label"], images.class_names)
    if Path(data).is_file():
        words = load_words(train_file=data)
        return Examples(words.name, entity_types(words), ())
    raise ValueError(f"{data} is neither a file of tagged sentences nor a folder of class folders; check the path.")


def describe(split: Split, examples: Examples | None) -> str:
    """Hash, budget and counts; with the data, the labelled examples of each class."""
    facts = [
        ("data", split.dataset or "unnamed"),
        ("hash", split.hash),
        ("budget", split.budget),
        ("labelled", f"{len(split.labeled):,}"),
        ("unlabelled", f"{len(split.unlabeled):,}"),
    ]
    text = tabulate(facts, tablefmt="plain", disable_numparse=True)
    return text if examples is None else f"{text}\n\n{_classes(split, examples)}"


def _classes(split: Split, examples: Examples) -> str:
    """Examples of each class, one that holds several counted in each."""
    labeled, whole = (_count(examples, half) for half in (split.labeled, range(len(examples.classes))))
    rows = [(name, labeled[name], whole[name]) for name in sorted(whole)]
    return tabulate(rows, headers=["class", "labelled", "of"])


def _count(examples: Examples, indices: Sequence[int]) -> Counter[str]:
    held = (held_classes(examples.classes[index], examples.class_names) for index in indices)
    return Counter(str(name) for names in held for name in names)
