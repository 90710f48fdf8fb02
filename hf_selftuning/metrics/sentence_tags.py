"""Tags of whole sentences from the outputs of an evaluation: windows are joined, and the rows are decoded."""

from collections.abc import Sequence

import numpy as np
from transformers import EvalPrediction

from ..core.task import IGNORED
from .tag_decoding import Decoding, decode_tags


def first_array(arrays: np.ndarray | tuple[np.ndarray, ...]) -> np.ndarray:
    """The array, or the first of several that a model returned."""
    return arrays[0] if isinstance(arrays, tuple) else arrays


def word_tags(
    evaluated: EvalPrediction,
    label_names: Sequence[str],
    tags: Sequence[Sequence[str]] | None = None,
    *,
    decoding: Decoding = "argmax",
) -> tuple[list[list[str]], list[list[str]]]:
    """The predicted and the given tags, one list for each sentence.

    Args:
        evaluated: logits or best classes, and labels.
        label_names: names of the tags by index.
        tags: as in `entity_scores`; without them, the given tags are those of the labelled positions.
        decoding: as in `entity_scores`; the windows of a sentence are joined before.

    Raises:
        ValueError: `tags` do not belong to the evaluated sentences, or best classes are to be decoded.
    """
    labels = first_array(evaluated.label_ids)
    predictions = first_array(evaluated.predictions)
    rows = [found[here != IGNORED] for found, here in zip(predictions, labels, strict=True)]
    joined = rows if tags is None else _joined(rows, tags)
    indices = _tags_of(joined, label_names, decoding, chosen=predictions.ndim == labels.ndim)
    predicted = [[label_names[index] for index in sentence] for sentence in indices]
    if tags is None:
        return predicted, [[label_names[index] for index in here[here != IGNORED]] for here in labels]
    return _pad(predicted, tags), [list(sentence) for sentence in tags]


def _tags_of(
    rows: list[np.ndarray], label_names: Sequence[str], decoding: Decoding, *, chosen: bool
) -> list[list[int]]:
    """The tags of each sentence by index; `chosen` means that the rows are best classes already."""
    if not chosen:
        return decode_tags(rows, label_names, decoding)
    if decoding != "argmax":
        raise ValueError(
            f"decoding={decoding!r} needs the logits of each word, and the predictions are the best classes alone; "
            "leave out preprocess_logits_for_metrics, or take decoding='argmax'."
        )
    return [row.tolist() for row in rows]


def _joined(rows: list[np.ndarray], tags: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """What the model says of whole sentences: rows follow each other until each word that has a tag has an answer.

    Raises:
        ValueError: the rows do not end where a sentence does.
    """
    if len(rows) <= len(tags):
        return rows
    left = iter(rows)
    found = []
    for full in tags:
        parts: list[np.ndarray] = []
        while sum(map(len, parts)) < len(full) and (row := next(left, None)) is not None:
            parts.append(row)
        found.append(np.concatenate(parts) if parts else rows[0][:0])
    if any(len(row) != len(full) for row, full in zip(found, tags, strict=True)) or any(len(row) for row in left):
        raise ValueError(
            f"The model predicted {len(rows)} sentences, and {len(tags)} lists of tags were given; "
            "give the tags of the sentences that are evaluated."
        )
    return found


def _pad(predicted: list[list[str]], tags: Sequence[Sequence[str]]) -> list[list[str]]:
    """Predict 'O' for the words at the end that the model never saw."""
    if len(predicted) != len(tags):
        raise ValueError(
            f"The model predicted {len(predicted)} sentences, and {len(tags)} lists of tags were given; "
            "give the tags of the sentences that are evaluated."
        )
    padded = []
    for number, (row, full) in enumerate(zip(predicted, tags, strict=True)):
        if len(row) > len(full):
            raise ValueError(
                f"Sentence {number} has {len(row)} predicted words, and {len(full)} tags were given; "
                "give the tags in the order of the evaluated sentences."
            )
        padded.append([*row, *["O"] * (len(full) - len(row))])
    return padded
