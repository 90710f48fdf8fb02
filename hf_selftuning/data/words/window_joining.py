"""Windows back to sentences: which rows of an encoded dataset belong together, and their outputs as one row."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from datasets import Dataset

from ...core.task import IGNORED
from .word_pieces import NONE

logger = logging.getLogger(__name__)

JOINING = ("sentence", "word_ids", "answered")
"""Columns that tell what belongs together; no model reads them."""

MOST_BYTES = 2**31
"""Size up to which outputs are joined in one array, whose width is that of the longest sentence."""


def window_counts(encoded: Dataset) -> tuple[int, int]:
    """How many sentences are in several windows, and how many windows they have together."""
    rows = _rows_of_sentences(encoded)
    several = [len(places) for places in rows.values() if len(places) > 1]
    return len(several), sum(several)


def sentence_count(encoded: Any) -> int:
    """How many sentences an encoded dataset holds."""
    joined = isinstance(encoded, Dataset) and "sentence" in encoded.column_names
    return len(_rows_of_sentences(encoded)) if joined else len(encoded)


def without_joining(encoded: Any) -> Any:
    """A dataset without the columns that join its windows; any other object unchanged."""
    found = [name for name in JOINING if name in (getattr(encoded, "column_names", None) or ())]
    return encoded.remove_columns(found) if found else encoded


def first_sentences(encoded: Dataset, count: int) -> Dataset:
    """The rows of the first sentences of a dataset, as `encode_words` gives it."""
    if "sentence" in encoded.column_names:
        count = sum(number < count for number in encoded["sentence"])
    return encoded.select(range(count))


def _rows_of_sentences(encoded: Dataset) -> dict[int, list[int]]:
    """The rows of each sentence in the order of its words; sentences in the order of their first rows."""
    rows: dict[int, list[int]] = {}
    for place, number in enumerate(encoded["sentence"]):
        rows.setdefault(number, []).append(place)
    firsts = [first for first, _ in encoded["answered"]]
    return {number: sorted(places, key=lambda place: firsts[place]) for number, places in rows.items()}


@dataclass(frozen=True)
class WindowJoin:
    """Joins what a model says of the windows of a sentence.

    Args:
        rows: of each sentence, the numbers of its windows, in the order of its words.
        answered: of each window, the places of the first pieces of the words that it answers.
    """

    rows: list[list[int]]
    answered: list[list[int]]

    @classmethod
    def of(cls, encoded: Any) -> "WindowJoin | None":
        """The join of an encoded dataset; None where each sentence is one row."""
        if not isinstance(encoded, Dataset) or not set(JOINING) <= set(encoded.column_names):
            return None
        rows = list(_rows_of_sentences(encoded).values())
        if all(len(places) == 1 for places in rows):
            return None
        columns = encoded.with_format(None)
        pairs = zip(columns["word_ids"], columns["answered"], strict=True)
        return cls(rows, [_answered(ids, *bounds) for ids, bounds in pairs])

    def fits(self, array: Any) -> bool:
        """Whether it is an array of the windows that may be joined."""
        if not isinstance(array, np.ndarray) or array.ndim < 2 or len(array) != len(self.answered):
            return False
        size = len(self.rows) * self.width * array[0, 0].nbytes
        if size > max(MOST_BYTES, 8 * array.nbytes):
            logger.warning(
                "The longest sentence has %s words, and an array of %s sentences of that length would take %s GB; the "
                "scores take each window as a sentence. Give entity_scores the tags of the sentences, or split them.",
                f"{self.width:,}", f"{len(self.rows):,}", f"{size / 1e9:.0f}",
            )  # fmt: skip
            return False
        return True

    @property
    def width(self) -> int:
        """Words of the longest sentence."""
        return max(sum(len(self.answered[row]) for row in rows) for rows in self.rows)

    def __call__(self, array: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """One row for each sentence, with an item for each word that has a label, and -100 behind the last one.

        Args:
            array: outputs (windows, l, ...), or the labels themselves.
            labels: labels (windows, l), which show the words also where padding stands on the left; None takes the
                words that each window answers.
        """
        joined = np.full((len(self.rows), self.width, *array.shape[2:]), IGNORED, dtype=array.dtype)
        for sentence, rows in zip(joined, self.rows, strict=True):
            place = 0
            for row in rows:
                words = array[row][self.answered[row] if labels is None else labels[row] != IGNORED]
                sentence[place : place + len(words)] = words
                place += len(words)
        return joined


def _answered(word_ids: Sequence[int], first: int, last: int) -> list[int]:
    return [
        place
        for place, word in enumerate(word_ids)
        if word != NONE and first <= word < last and (place == 0 or word_ids[place - 1] != word)
    ]
