"""Running text to words, and labelled stretches of characters to a tag for each word."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tokenizers.pre_tokenizers import BertPreTokenizer

from ..rows.plain_text import split_blanks
from .word_ends import without_marks

LONG_PIECE = 6
"""Characters between two blanks, on average, from which on a script is taken to be written without blanks."""

WITHOUT_BLANKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # more Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text, by its characters; `end` is the first one after it."""

    start: int
    end: int
    label: str

    def __str__(self) -> str:
        return f"{self.label} {self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class TextCutting:
    """How running text that has no tags is cut into words.

    Args:
        at_punctuation: punctuation parts words, as it does in text with labelled spans; else only blanks do.
        by_characters: each character of a script without blanks is a word; None finds it by the text.
        apart: marks such as full stops that are words of their own at the ends of words that blanks part.
    """

    at_punctuation: bool = False
    by_characters: bool | None = None
    apart: tuple[str, ...] = ()


AT_BLANKS = TextCutting()


def characters_are_words(sentences: Iterable[Sequence[str]]) -> bool:
    """Whether most words are in a script without blanks, and these words are its single characters."""
    words = [word for words in sentences for word in words]
    found = [word for word in words if any(map(_without_blanks, word))]
    return 2 * len(found) > len(words) and all(len(_characters(word, 0, len(word))) == 1 for word in found)


def cut_words(text: str, *, by_characters: bool, at: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Start and end of each word: blanks and punctuation part words, and so do the places `at`.

    Args:
        by_characters: whether each character of a script without blanks is a word.
        at: places where a word ends, whatever stands there; edges of spans.
    """
    pieces = [(start, end) for _, (start, end) in BertPreTokenizer().pre_tokenize_str(text)]
    if by_characters:
        pieces = [inner for piece in pieces for inner in _characters(text, *piece)]
    return cut_at(pieces, at)


def cut_at(pieces: Sequence[tuple[int, int]], at: Iterable[int]) -> list[tuple[int, int]]:
    """Cut stretches at places inside them."""
    edges = sorted(set(at))
    found, place = [], 0
    for start, end in pieces:
        while place < len(edges) and edges[place] <= start:
            place += 1
        inner = place
        while inner < len(edges) and edges[inner] < end:
            inner += 1
        found += list(pairwise([start, *edges[place:inner], end]))
    return found


def split_text(text: str, *, by_characters: bool, apart: Sequence[str] = ()) -> list[str]:
    """The words of a text that are apart by blanks; by characters in a script without blanks.

    Args:
        text: of a sentence, or of several.
        by_characters: whether each character of a script without blanks is a word.
        apart: marks that are words of their own at the ends of words.
    """
    words = split_blanks(text)
    if not by_characters:
        return without_marks(words, apart)
    return [word[start:end] for word in words for start, end in _characters(word, 0, len(word))]


def written_without_blanks(texts: Iterable[str]) -> bool:
    """Whether most of the texts are in a script that has no blanks between words, such as Chinese or Thai."""
    lengths = [
        len(word) for text in texts for word in split_blanks(text) if 2 * sum(map(_without_blanks, word)) >= len(word)
    ]
    return bool(lengths) and sum(lengths) / len(lengths) > LONG_PIECE


def check_spans(text: str, spans: Sequence[Span], place: str) -> list[Span]:
    """The spans in their order, without blanks at their ends and without repetitions.

    Raises:
        ValueError: a span is empty, leaves the text, or overlaps another one.
    """
    for span in spans:
        if not 0 <= span.start < span.end <= len(text) or not text[span.start : span.end].strip():
            raise ValueError(
                f"{place}: the span {span} covers no word of a text of {len(text)} characters; give offsets in "
                "characters, the end after the last one."
            )
    kept = sorted({_trimmed(text, span) for span in spans}, key=lambda span: (span.start, span.end, span.label))
    for first, second in pairwise(kept):
        if second.start < first.end:
            raise ValueError(
                f"{place}: the spans {first} ({text[first.start : first.end]!r}) and {second} "
                f"({text[second.start : second.end]!r}) overlap; a word has one tag, so keep one of them."
            )
    return kept


def span_tags(words: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[str]:
    """IOB2 tags of words that were cut at the edges of the spans; spans in order, apart from each other."""
    tags, place, opened = [], 0, False
    for start, _ in words:
        while place < len(spans) and spans[place].end <= start:
            place, opened = place + 1, False
        if place < len(spans) and spans[place].start <= start:
            tags.append(f"{'I' if opened else 'B'}-{spans[place].label}")
            opened = True
        else:
            tags.append("O")
    return tags


def _trimmed(text: str, span: Span) -> Span:
    covered = text[span.start : span.end]
    left = len(covered) - len(covered.lstrip())
    return Span(span.start + left, span.start + len(covered.rstrip()), span.label)


def _characters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a piece before and after each character of a script without blanks; marks stay with their letter."""
    places = [start]
    for here in range(start + 1, end):
        mark = unicodedata.category(text[here]).startswith("M")
        if not mark and (_without_blanks(text[here]) or _without_blanks(text[here - 1])):
            places.append(here)
    return list(pairwise([*places, end]))


@lru_cache(maxsize=65_536)
def _without_blanks(letter: str) -> bool:
    return letter > "\u0dff" and any(first <= ord(letter) <= last for first, last in WITHOUT_BLANKS)
