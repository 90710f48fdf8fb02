"""The split of a run: drawn, or read from a file, and written beside the results."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from ...data.splits import Split, draw_split
from ...data.words.word_data import WordData
from ..command.flags import BudgetArguments
from ..stages.run_folder import traces_of

SHOWN = 5
"""Words by which a message names a sentence."""


def entity_types(data: WordData) -> list[set[str]]:
    """The types of the entities in each training sentence. A split of words is stratified by them."""
    names = data.tag_names  # such as "B-PER", whose type is "PER"
    # A hidden word has the tag -100.
    return [{names[tag][2:] for tag in tags if tag >= 0 and names[tag] != "O"} for tags in data.train["ner_tags"]]


def sentence_contents(data: WordData) -> list[str]:
    """For each training sentence a digest of its words and tags, by which a split finds it again."""
    names = data.tag_names
    texts = (
        json.dumps([words, [names[tag] if tag >= 0 else None for tag in tags]])
        for words, tags in zip(data.train["tokens"], data.train["ner_tags"], strict=True)
    )
    return [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]


def sentence_places(data: WordData) -> list[str]:
    """For messages, the first words of each training sentence."""
    return [f"the sentence {' '.join(words[:SHOWN])!r}" for words in data.train["tokens"]]


def make_split(
    budget: BudgetArguments,
    classes: Sequence[object],
    folder: Path,
    *,
    dataset: str,
    class_names: Sequence[str],
    contents: Sequence[str] = (),
    places: Sequence[str] = (),
) -> Split:
    """The split that the flags ask for, saved as `split.json` in the run's folder.

    Args:
        budget: a ratio, labels a class, or the file of an earlier split.
        classes: for each example its class, or the classes it holds.
        folder: the run's folder. Checkpoints in it resume only with the split that they were trained on.
        dataset: name of the data, written into the file.
        class_names: classes that must have a labelled example.
        contents: for each example a digest of its content and its class; empty to know examples by their place.
        places: for messages, where each example is.

    Raises:
        ValueError: the data cannot give such a split, a split file was drawn with another budget than the flags name,
            or the run in the folder began with another split.
    """
    if budget.split_file is not None:
        split = _read(budget, budget.split_file, classes, contents, places)
    else:
        split = draw_split(
            classes,
            label_ratio=budget.label_ratio,
            labels_per_class=budget.labels_per_class,
            seed=budget.split_seed,
            dataset=dataset,
            class_names=class_names,
            contents=contents,
        )
    path = folder / "split.json"
    resuming = path.is_file() and bool(traces_of(folder))
    if resuming and Split.load(path, classes=classes, contents=contents, places=places).labeled != split.labeled:
        raise ValueError(
            f"The run in {folder} began with other labels than the flags ask for; go on with --split_file {path}, or "
            "give another --output_dir."
        )
    split.save(path)
    return split


def _read(
    budget: BudgetArguments, path: str, classes: Sequence[object], contents: Sequence[str], places: Sequence[str]
) -> Split:
    """Read the split of an earlier run; refuse flags that name another budget than it was drawn with."""
    split = Split.load(path, classes=classes, contents=contents, places=places)
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


def labels_kept(split: Split) -> str:
    """How many examples of the training set keep their labels, and by which budget."""
    kept, whole = len(split.labeled), len(split.labeled) + len(split.unlabeled)
    return f"all {whole:,}" if kept == whole else f"{kept:,} of {whole:,} ({split.budget})"
