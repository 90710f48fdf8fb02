"""The names of classes, as a dataset and a model's config know them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from datasets import ClassLabel


def model_class_names(config: Any) -> list[str] | None:
    """The names behind a model's outputs, by index; None where its config has only LABEL_0, LABEL_1 and so on."""
    known = config.id2label or {}  # PVT's config has None where other configs have LABEL_0, LABEL_1
    names = [str(known[index]) for index in sorted(known)]
    return None if _are_numbers(names) else names


def _are_numbers(names: Sequence[str]) -> bool:
    return list(names) == [f"LABEL_{index}" for index in range(len(names))]


def names_as_words(names: Sequence[str]) -> list[str] | None:
    """The names of classes as texts; None where they are only numbers.

    >>> names_as_words(["card_arrival", "BookFlight"])
    ['card arrival', 'Book Flight']
    """
    texts = [re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip() for name in names]
    has_words = all(any(letter.isalpha() for letter in text) for text in texts)
    return texts if texts and has_words and not _are_numbers(names) else None


def check_class_names(column: str, feature: Any, known: Sequence[str] | None) -> None:
    """Refuse a column whose class indices mean other classes than the model's outputs.

    Args:
        column: name of the column, for the message.
        feature: of the column: a `ClassLabel`, or a list of one. Any other names no classes, and nothing is checked.
        known: names of the model's classes; None where they are not known, and nothing is checked.

    Raises:
        ValueError: both name their classes, and not alike.
    """
    inner = getattr(feature, "feature", feature)
    if known is None or not isinstance(inner, ClassLabel) or list(inner.names) == list(known):
        return
    raise ValueError(
        f"The column {column!r} names its classes {', '.join(inner.names)}, and the model's config names them "
        f"{', '.join(known)}; load the model with id2label=dict(enumerate(names)) and label2id= for the names of the "
        "column."
    )


def named_classes(dataset: Any, columns: Iterable[str]) -> dict[str, list[str]]:
    """The names of the classes of those columns of a `datasets.Dataset` that name them."""
    features = getattr(dataset, "features", None) or {}
    inner = {name: getattr(features[name], "feature", features[name]) for name in columns if name in features}
    return {name: list(feature.names) for name, feature in inner.items() if isinstance(feature, ClassLabel)}


def check_same_classes(which: str, names: Mapping[str, list[str]], labeled: Mapping[str, list[str]]) -> None:
    """Refuse a dataset whose class indices mean other classes than those of the labelled examples.

    One of them may know more classes than the other, behind those that both know.

    Args:
        which: of the dataset, for the message.
        names: of its classes by column, see `named_classes`.
        labeled: likewise of the labelled examples.

    Raises:
        ValueError: both name the classes of a column, and not alike.
    """
    for column, own in names.items():
        theirs = labeled.get(column, own)
        if any(mine != other for mine, other in zip(own, theirs, strict=False)):
            raise ValueError(
                f"The column {column!r} of {which} names its classes {', '.join(own)}, and that of train_dataset "
                f"{', '.join(theirs)}; bring its labels into the order of train_dataset, as Dataset."
                "align_labels_with_mapping does."
            )


def class_indices(column: str, labels: Iterable[Any], known: Sequence[str] | None) -> list[Any]:
    """Names of classes as the model's indices; labels that are no text are indices already and stay as they are.

    Raises:
        ValueError: the model knows no class of that name.
    """
    indices = {name: index for index, name in enumerate(known or ())}
    found = []
    for label in labels:
        if isinstance(label, str) and label not in indices:
            knows = f"the classes {', '.join(known)}" if known else "no names of classes"
            raise ValueError(
                f"The column {column!r} holds {label!r}, and the model knows {knows}; load the model with id2label= "
                "and label2id= for all names of the column."
            )
        found.append(indices[label] if isinstance(label, str) else label)
    return found


def placeholder(label: Any, known: Sequence[str] | None) -> Any:
    """What hides a label from a collator: the first class, as a name where the label is one, else as its index.

    Args:
        label: the hidden one, or None.
        known: names of the model's classes, or None.
    """
    return known[0] if isinstance(label, str) and known else 0
