"""Scores as counts of each test item, so that a test of significance can weigh the items anew."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from seqeval.metrics.sequence_labeling import get_entities

Counts = Int[np.ndarray, "n 3"]
"""Of each item: how much is correct, how much was predicted, how much was expected."""


def score_of(counts: Int[np.ndarray, "*s n 3"]) -> Float[np.ndarray, "*s"]:
    """F1 over all items, 2 correct / (predicted + expected); 0 where there is nothing to find and nothing was found.

    Where every item has one prediction and one expectation, as an image has, this is accuracy.
    """
    return ratio(counts.sum(-2))


def ratio(totals: Float[np.ndarray, "*s 3"]) -> Float[np.ndarray, "*s"]:
    """The score of sums of counts."""
    below = totals[..., 1] + totals[..., 2]
    return 2 * totals[..., 0] / np.where(below > 0, below, 1)


def class_counts(predicted: Sequence[int] | np.ndarray, expected: Sequence[int] | np.ndarray) -> Counts:
    """Of items that have one class each."""
    correct = np.asarray(predicted) == np.asarray(expected)
    return np.stack([correct.astype(np.int64), np.ones(len(correct), int), np.ones(len(correct), int)], axis=1)


def entity_counts(predicted: Sequence[list[str]], expected: Sequence[list[str]]) -> Counts:
    """Of sentences: entities by seqeval, correct where type and both ends are.

    Args:
        predicted: the tags of each sentence.
        expected: likewise, as long.
    """
    rows = []
    for ours, theirs in zip(predicted, expected, strict=True):
        found, there = set(get_entities(ours)), set(get_entities(theirs))
        rows.append((len(found & there), len(found), len(there)))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)
