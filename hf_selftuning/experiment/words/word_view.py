"""How a page shows words: the entities that a model finds, each in its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from datasets import Dataset
from jaxtyping import Int
from seqeval.metrics.sequence_labeling import get_entities

from ...core.task import IGNORED
from ...data.words.tag_schemes import OUTSIDE, Scheme, scheme_of_model
from ...report.page.guesses import Guesses, Labelled
from ..setup.page_view import ReadRows

NO_ENTITY = "no entity"


@dataclass
class WordView:
    """The view of words; its classes are what is no entity, and the types of entities.

    Args:
        tags: names of the model's tags by index.
    """

    tags: Sequence[str]

    @cached_property
    def _scheme(self) -> Scheme:
        return scheme_of_model(self.tags)

    @cached_property
    def _types(self) -> list[str]:
        """The type of each tag; `NO_ENTITY` for words outside."""
        split = [None if tag == OUTSIDE else self._scheme.split(tag) for tag in self.tags]
        return [NO_ENTITY if found is None or found[0] == OUTSIDE else found[1] for found in split]

    @cached_property
    def classes(self) -> list[str]:
        """What is no entity, and the types in the order of the tags."""
        return list(dict.fromkeys([NO_ENTITY, *self._types]))

    @cached_property
    def _type_of(self) -> np.ndarray:
        """The class of each tag by index."""
        return np.array([self.classes.index(name) for name in self._types])

    def guesses(self, rows: ReadRows, part: Dataset, encoded: Any) -> Guesses:
        """The entities that the model finds; the probability of a type is that at the entity's first word."""
        found = self._entities(rows, rows.probabilities.argmax(1), part, encoded)
        first = found[:, 0]
        of_tags = rows.probabilities[first]
        of_types = np.stack([of_tags[:, self._type_of == number].sum(1) for number in range(len(self.classes))], 1)
        labels = None if rows.labels is None else self._type_of[rows.labels[first]]
        return Guesses(of_types, rows.features[first], found[:, 1], labels, found[:, 2:])

    def labelled(self, rows: ReadRows, part: Dataset, encoded: Any) -> Labelled:
        """The labelled entities."""
        assert rows.labels is not None
        found = self._entities(rows, rows.labels, part, encoded)
        first = found[:, 0]
        return Labelled(rows.features[first], self._type_of[rows.labels[first]], found[:, 1], found[:, 2:])

    def shown(self, example: dict[str, Any]) -> dict[str, Any]:
        """The words of a sentence."""
        return {"words": list(example["tokens"])}

    def counts(self, predicted: Sequence[list[str]], expected: Sequence[list[str]]) -> tuple[np.ndarray, list]:
        """Right, predicted and expected entities of each type; right ones have the right type and both ends."""
        counts = np.zeros((len(self.classes), 3), int)
        for ours, theirs in zip(predicted, expected, strict=True):
            found, there = set(get_entities(ours)), set(get_entities(theirs))
            for column, entities in enumerate((found & there, found, there)):
                for kind, *_ in entities:
                    counts[self.classes.index(kind), column] += 1
        return counts, []

    def _entities(
        self, rows: ReadRows, tags: Int[np.ndarray, "n"], part: Dataset, encoded: Any
    ) -> Int[np.ndarray, "e 4"]:
        """For each entity the row of its first word, its sentence, its first word, and the first word behind it."""
        found = []
        for sentence, words in words_of(rows.examples, part, encoded).items():
            order = sorted(words)
            names = self._scheme.to_iob2([self.tags[tags[words[word]]] for word in order])
            for _, first, last in get_entities([name or OUTSIDE for name in names]):
                found.append((words[order[first]], sentence, order[first], order[last] + 1))
        return np.array(found, dtype=int).reshape(-1, 4)


def words_of(examples: Int[np.ndarray, "n"], part: Dataset, encoded: Any) -> dict[int, dict[int, int]]:
    """For each sentence the row of each word; a sentence with words that the model did not read is left out.

    Args:
        examples: the encoded example of each row: a sentence, or a window of a long one.
        part: the sentences.
        encoded: the sentences or their windows.
    """
    windows = "sentence" in encoded.column_names
    found: dict[int, dict[int, int]] = {}
    for example in np.unique(examples).tolist():
        places = np.flatnonzero(examples == example)
        row = encoded.with_format(None)[example] if windows else {}
        sentence = row.get("sentence", example)
        words = _answered(part[sentence], *row.get("answered", (0, None)))
        if len(words) == len(places):
            found.setdefault(sentence, {}).update(zip(words, places.tolist(), strict=True))
    return found


def _answered(sentence: dict[str, Any], first: int, last: int | None) -> list[int]:
    """The numbers of the words that are answered in a window; a hidden word is not."""
    words = range(len(sentence["tokens"]))[first:last]
    tags = sentence.get("ner_tags")
    return [word for word in words if tags is None or tags[word] != IGNORED]
