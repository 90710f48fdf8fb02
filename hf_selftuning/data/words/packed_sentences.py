"""Sentences with their places, and many of them in little memory."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import overload

from ..rows.packed_texts import PackedTexts

Tag = str | int
Starts = Sequence[int] | None

BETWEEN = "\0"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words and their tags as they stand in the source, packed: lists of short strings would take ten times the file.

    Args:
        packed_words: non-empty strings with zero characters between them.
        packed_tags: likewise, or integers; None where the sentence has no tags.
        place: the line or row it begins in.
        lines: of each word, where they are not the lines from `place` on; None in rows and lines of sentences.
        text: the text that the words were cut out of, as it stands in the source; None where there is none, or where
            it is the words with a blank between. Only sentences without tags keep it.
        starts: where each word begins in the text; None where each word is the next place of its letters.
    """

    packed_words: str
    packed_tags: str | tuple[Tag, ...] | None
    place: int
    lines: Sequence[int] | None = None
    text: str | None = None
    starts: Starts = None

    @property
    def words(self) -> list[str]:
        """The words."""
        return self.packed_words.split(BETWEEN)

    @property
    def tags(self) -> list[Tag] | None:
        """One a word, as text or as an integer."""
        packed = self.packed_tags
        return packed if packed is None else [*packed.split(BETWEEN)] if isinstance(packed, str) else [*packed]

    @property
    def size(self) -> int:
        """How many words there are."""
        return self.packed_words.count(BETWEEN) + 1

    def located(self) -> tuple[str, list[tuple[int, int]]]:
        """The text, and where each word begins and ends in it."""
        words = self.words
        text = " ".join(words) if self.text is None else self.text
        starts = self.starts or next_places(text, words)
        return text, [(start, start + len(word)) for start, word in zip(starts, words, strict=True)]


def next_places(text: str, words: Sequence[str]) -> list[int]:
    """Where each word stands in a text, after the one before."""
    places, end = [], 0
    for word in words:
        places.append(text.find(word, end))
        end = places[-1] + len(word)
    return places


class PackedSentences(Sequence[Sentence]):
    """Sentences in their order, each made when it is asked for.

    What few sentences have, such as lines of their own, is kept for these alone.
    """

    def __init__(self, sentences: Iterable[Sentence] = ()) -> None:
        self._words = PackedTexts()
        self._places = array("Q")
        self._tags: list[str | tuple[Tag, ...] | None] = []  # empty while no sentence has tags
        self._texts = PackedTexts()  # likewise; "" for a sentence without one
        self._lines: dict[int, Sequence[int]] = {}
        self._starts: dict[int, Sequence[int]] = {}
        self.extend(sentences)

    def append(self, sentence: Sentence) -> None:
        """Add a sentence."""
        number = len(self._places)
        if sentence.packed_tags is not None or self._tags:
            self._tags += repeat(None, number - len(self._tags))
            self._tags.append(sentence.packed_tags)
        if sentence.text is not None or self._texts:
            self._texts.extend(repeat("", number - len(self._texts)))
            self._texts.append(sentence.text or "")
        if sentence.lines is not None:
            self._lines[number] = array("Q", sentence.lines)
        if sentence.starts is not None:
            self._starts[number] = sentence.starts
        self._words.append(sentence.packed_words)
        self._places.append(sentence.place)

    def extend(self, sentences: Iterable[Sentence]) -> None:
        """Add sentences."""
        for sentence in sentences:
            self.append(sentence)

    @property
    def packed_words(self) -> Sequence[str]:
        """The words of each sentence with zero characters between."""
        return self._words

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Sentence]:
        tags: Iterable[str | tuple[Tag, ...] | None] = self._tags or repeat(None)
        texts: Iterable[str] = self._texts or repeat("")
        packed = zip(self._words, tags, self._places, texts, strict=False)
        if not self._lines and not self._starts:
            return (Sentence(words, tags, place, None, text or None) for words, tags, place, text in packed)
        return (
            Sentence(words, tags, place, self._lines.get(number), text or None, self._starts.get(number))
            for number, (words, tags, place, text) in enumerate(packed)
        )

    @overload
    def __getitem__(self, place: int) -> Sentence: ...
    @overload
    def __getitem__(self, place: slice) -> list[Sentence]: ...
    def __getitem__(self, place: int | slice) -> Sentence | list[Sentence]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        number = range(len(self))[place]  # an IndexError beyond the end
        return Sentence(
            self._words[number],
            self._tags[number] if self._tags else None,
            self._places[number],
            self._lines.get(number),
            (self._texts[number] if self._texts else "") or None,
            self._starts.get(number),
        )
