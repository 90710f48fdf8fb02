"""What every reader of words gives: sentences with their places, and what was passed over or looked odd."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .packed_sentences import BETWEEN, PackedSentences, next_places
from .packed_sentences import Sentence as Sentence
from .packed_sentences import Tag as Tag

MOST_KEPT = 10_000

SENTENCE_ENDS = frozenset({".", "!", "?", "。", "！", "？", "।", "؟", "۔"})  # noqa: RUF001


class Packer:
    """Makes sentences; equal lists of tags are kept once."""

    def __init__(self) -> None:
        self._kept: dict[str | tuple[Tag, ...], str | tuple[Tag, ...]] = {}

    def __call__(
        self, words: Iterable[str], tags: Iterable[Tag] | None, place: int, lines: Sequence[int] | None = None
    ) -> Sentence:
        """A sentence of words, none of which holds a zero character."""
        return Sentence(BETWEEN.join(words), None if tags is None else self._packed([*tags]), place, lines)

    def untagged(self, words: Sequence[str], place: int, text: str, starts: Sequence[int] | None = None) -> Sentence:
        """A sentence without tags that keeps its text.

        Args:
            words: as for a call.
            place: likewise.
            text: that the words were cut out of.
            starts: where each of them begins; None if each is the next place of its letters.
        """
        if starts is not None:
            starts = None if next_places(text, words) == [*starts] else array("Q", starts)
        plain = starts is None and text == " ".join(words)
        return Sentence(BETWEEN.join(words), None, place, None, None if plain else text, starts)

    def _packed(self, tags: list[Tag]) -> str | tuple[Tag, ...]:
        texts = [tag for tag in tags if isinstance(tag, str)]
        packed = BETWEEN.join(texts) if len(texts) == len(tags) else tuple(tags)
        return self._kept.setdefault(packed, packed) if len(self._kept) < MOST_KEPT else self._kept.get(packed, packed)


@dataclass
class Reading:
    """One part of the data as it was read.

    Args:
        source: the file, or the dataset and its part.
        unit: what places count: "line" or "row".
        word_a_line: each word of a sentence stands in a line of its own.
        layout: where words and tags were found, in words.
        tag_names: the names of tags that are integers, where the source has them.
        columns: of the source, by name or by number.
        text_column: the one of the words.
        label_column: the one of the tags.
        other_labels: columns that would do as tags as well.
        from_text: words were cut out of running text.
        passed_over: how much of what was not read as words.
        doubts: what looks odd, a sentence each.
    """

    source: str
    unit: str = "row"
    word_a_line: bool = False
    layout: str = ""
    sentences: PackedSentences = field(default_factory=PackedSentences)
    tag_names: Sequence[str] | None = None
    columns: Sequence[str] = ()
    text_column: str | None = None
    label_column: str | None = None
    other_labels: Sequence[str] = ()
    from_text: bool = False
    passed_over: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)

    def place(self, sentence: Sentence, word: int = 0) -> str:
        """File and line of a word, or file and row."""
        number = sentence.place + (word if self.word_a_line else 0)
        number = number if sentence.lines is None else sentence.lines[word]
        return f"{self.source}, {self.unit} {number}"

    def doubt(self, text: str) -> None:
        """Add a doubt once."""
        if text not in self.doubts:
            self.doubts.append(text)

    @property
    def tagged(self) -> Iterator[Sentence]:
        """The sentences that have tags."""
        return (sentence for sentence in self.sentences if sentence.packed_tags is not None)

    @property
    def untagged(self) -> Iterator[Sentence]:
        """The sentences that have none."""
        return (sentence for sentence in self.sentences if sentence.packed_tags is None)

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(packed.count(BETWEEN) + 1 for packed in self.sentences.packed_words)
