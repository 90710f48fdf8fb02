"""Labelled stretches that count words in place of characters, as data for training taggers of spans have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..text_cutting import Span
from .labelled_spans import parts_of_span
from .word_cells import LABEL_KEYS, listed, shown


@dataclass(frozen=True)
class WordOffsets:
    """How stretches count words.

    Args:
        last: the end is the last word of a stretch, rather than the first one after it.
    """

    last: bool

    def __str__(self) -> str:
        return f"spans count words, the end is {'the last word' if self.last else 'the word after the last'}"

    def spans_of(self, cell: Any, words: Sequence[tuple[int, int]], place: str) -> list[Span]:
        """The stretches of a row by characters.

        Args:
            cell: the stretches.
            words: where each word begins and ends.
            place: for messages.

        Raises:
            ValueError: one is no stretch of these words.
        """
        return [
            self._span(item, words, f"{place}, span {number}") for number, item in enumerate(listed(cell, place), 1)
        ]

    def _span(self, item: Any, words: Sequence[tuple[int, int]], place: str) -> Span:
        edges, label, _ = parts_of_span(item)
        first, last = _ends_of(item, edges, last=self.last)
        if not 0 <= first <= last < len(words) or not isinstance(label, str) or not label.strip():
            raise ValueError(
                f"{place}: {shown(item)} is no span of {len(words)} words; give the number of its first word from 0, "
                "its end as in the other rows, and one label."
            )
        return Span(words[first][0], words[last][1], label.strip())


def _ends_of(item: Any, edges: Sequence[Any], *, last: bool) -> tuple[int, int]:
    """The first and the last word of a stretch; numbers that fit no sentence where it has none."""
    numbers = numbered_words(item)
    if numbers:
        return numbers[0], numbers[-1]
    if not edges or not all(type(edge) is int for edge in edges):
        return 0, -1
    return edges[0], edges[1] if last else edges[1] - 1


def numbered_words(item: Any) -> list[int] | None:
    """The word indices of a span that is given as a list of words, if they are consecutive.

    Args:
        item: such as {"index": [0, 1], "type": "PER"}.
    """
    numbers = item.get("index") if isinstance(item, Mapping) else None
    if not isinstance(numbers, list) or not numbers or not all(type(number) is int for number in numbers):
        return None
    beside = list(range(numbers[0], numbers[0] + len(numbers)))
    return numbers if numbers == beside and any(key in item for key in LABEL_KEYS) else None


def find_word_offsets(rows: Sequence[Mapping[str, Any]], text: str, labels: str, source: str) -> WordOffsets | None:
    """How the stretches of a table count words; None where they count characters.

    They count words if the words are a list without a text beside, and no stretch ends behind the last word. The end
    is the last word if a stretch of one word says so. If none does, lists give the last word, objects the next one.

    Raises:
        ValueError: the rows count in both ways.
    """
    found: list[tuple[int, Any]] = []
    for row in rows:
        words, spans = _listed(row.get(text)), _listed(row.get(labels))
        if isinstance(row.get("text"), str) or not all(isinstance(word, str) for word in words):
            return None
        found += [(len(words), span) for span in spans]
    if found and all(numbered_words(span) for _, span in found):
        return WordOffsets(last=True)
    given = [(size, *parts_of_span(span)[0], isinstance(span, Mapping)) for size, span in found]
    ends = [one for one in given if len(one) == 4 and all(type(edge) is int for edge in one[:3])]
    if not ends or any(end > size for size, _, end, _ in ends):
        return None
    single = any(start == end for _, start, end, _ in ends)
    whole = any(size == end for size, _, end, _ in ends)
    if single and whole:
        raise ValueError(
            f"{source}: some spans in {labels!r} end with the word that they begin with, and others behind the last "
            "word; count all ends in one way."
        )
    return WordOffsets(last=single or (not whole and not any(objects for *_, objects in ends)))


def _listed(cell: Any) -> list[Any]:
    try:
        cell = listed(cell, "")
    except ValueError:
        return [None]
    return cell if isinstance(cell, list) else []
