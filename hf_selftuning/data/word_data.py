"""The one form that tagged sentences take, and how lists of words and tags come into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasets import ClassLabel, Dataset, Features, List, Value

Tagged = tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class WordData:
    """Sentences in columns `tokens` and `ner_tags`, a dataset for each part.

    Args:
        name: of the data, for tables and cards.
        train: the training sentences.
        validation: the validation sentences, if there are any.
        test: the test sentences, if there are any.
        tag_names: IOB2 tags by index. Where the data has them as text, 'O' comes first and the others are sorted.
        unlabeled: sentences without tags, in a column `tokens`.
    """

    name: str
    train: Dataset
    validation: Dataset | None
    test: Dataset | None
    tag_names: list[str]
    unlabeled: Dataset | None = None


def word_data(name: str, parts: Mapping[str, Tagged], unlabeled: Dataset | None = None) -> WordData:
    """Make data of words and IOB2 tags under "train" and perhaps "validation" and "test"."""
    used = {tag for _, tags in parts.values() for sentence in tags for tag in sentence}
    tag_names = ["O", *sorted(used - {"O"})]
    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=tag_names))})
    ready = {
        part: Dataset.from_dict({"tokens": tokens, "ner_tags": tags}, features=features)
        for part, (tokens, tags) in parts.items()
    }
    return WordData(
        name=name,
        train=ready["train"],
        validation=ready.get("validation"),
        test=ready.get("test"),
        tag_names=tag_names,
        unlabeled=unlabeled,
    )


def sentences_dataset(sentences: Sequence[Sequence[str]]) -> Dataset:
    """Sentences that have no tags, in a column `tokens`."""
    return Dataset.from_dict({"tokens": sentences}, features=Features({"tokens": List(Value("string"))}))
