"""Choose which examples keep their labels, or inspect such a split."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from ..data.images.readings.image_data import image_places
from ..data.images.sources.load_images import load_images
from ..data.sampling_order import held_classes
from ..data.splits import Split, draw_split
from ..data.texts.load_texts import load_texts
from ..data.words.load_words import load_words
from ..experiment.command.terminal import speak
from ..experiment.setup.labels import entity_types, sentence_contents, sentence_places
from .data_kind import OTHER_TASKS, image_source, is_texts


@dataclass(frozen=True)
class Examples:
    """The facts about a training set that a split needs.

    Args:
        name: name of the dataset.
        classes: the class of each example, or the classes that it holds.
        class_names: names of the classes if `classes` holds numbers; each class must have a labelled example.
        contents: a digest of each image or text and its class, by which a split finds it again.
        places: where each image is.
    """

    name: str
    classes: Sequence[object]
    class_names: Sequence[str]
    contents: Sequence[str] = ()
    places: Sequence[str] = ()


def run(arguments: argparse.Namespace) -> int:
    """Draw and write a split, or read one; print what it holds."""
    speak()
    given = {"task": arguments.task, "skip_broken": arguments.skip_broken}
    examples = None if arguments.data is None else read_examples(arguments.data, **given)
    if arguments.split_file is not None:
        path = arguments.split_file
        split = Split.read(path) if examples is None else _load(path, examples)
        print(describe(split, examples))
        return 0
    if examples is None:
        raise ValueError("A split is drawn from data; name a file or a folder, or inspect a split with --split_file.")
    split = draw_split(
        examples.classes,
        label_ratio=arguments.label_ratio,
        labels_per_class=arguments.labels_per_class,
        seed=arguments.split_seed,
        dataset=examples.name,
        class_names=examples.class_names,
        contents=examples.contents,
    )
    split.save(arguments.output)
    print(describe(split, examples))
    print(f"\nwritten to {arguments.output}; `hf-selftuning train` takes it with --split_file {arguments.output}")
    return 0


def read_examples(data: str, *, task: str | None = None, skip_broken: bool = False) -> Examples:
    """The classes of a training set, read as `train` reads them.

    Args:
        data: file, folder or `digits`, or with a task the Hub id of a dataset.
        task: `ner`, `text` or `images` if the user has said it.
        skip_broken: pass over images that cannot be opened.

    Raises:
        ValueError: there is no such file or folder.
    """
    if is_texts(data, task):
        texts = load_texts(train_file=data) if Path(data).exists() else load_texts(dataset_name=data)
        return Examples(texts.name, texts.train["label"][:], texts.class_names, texts.split_contents)
    source = image_source(data, task)
    if source is not None:
        images = load_images(**source, skip_broken=skip_broken)
        contents, places = images.split_contents, image_places(images.train)
        return Examples(images.name, images.train["label"][:], images.class_names, contents, places)
    if not Path(data).exists() and task is None:
        raise ValueError(
            f"{data} is neither a file of tagged sentences or texts nor a folder of class folders; check the path."
        )
    try:
        words = load_words(train_file=data) if Path(data).is_file() else load_words(dataset_name=data)
    except ValueError as error:
        if task is None:
            error.add_note(OTHER_TASKS)
        raise
    return Examples(words.name, entity_types(words), (), sentence_contents(words), sentence_places(words))


def _load(path: str, examples: Examples) -> Split:
    return Split.load(path, classes=examples.classes, contents=examples.contents, places=examples.places)


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
    """The number of examples of each class; an example with several classes counts for each."""
    labeled, whole = (_count(examples, half) for half in (split.labeled, range(len(examples.classes))))
    rows = [(name, labeled[name], whole[name]) for name in sorted(whole)]
    return tabulate(rows, headers=["class", "labelled", "of"])


def _count(examples: Examples, indices: Sequence[int]) -> Counter[str]:
    held = (held_classes(examples.classes[index], examples.class_names) for index in indices)
    return Counter(str(name) for names in held for name in names)
