"""The gate that words of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

import re
from collections.abc import Iterable, Sequence

from ..rows.plain_text import BLANKS, MISREAD, counted
from .packed_sentences import BETWEEN
from .text_cutting import written_without_blanks
from .word_records import Reading

PIECE_MARKS = ("##", "\u2581", "\u0120")
"""How the pieces of a word begin in WordPiece, Unigram and BPE."""

OTHER_MARKS = re.compile(r"\[ ?[A-Z]{2,}[A-Z_-]* [^][\n]+\]|\[[^][|\n]+ ?\| ?[A-Za-z_-]+ ?\]")
"""Marks such as [PER Anna] and [Anna|PER], which are not read as labels."""

LOST = re.compile("\ufffd")

MARK_SHOWN = 60

FEW = 20
"""Words below which shares of them say nothing."""


def pass_gate(reading: Reading) -> Reading:
    """Check all words of a reading.

    Raises:
        ValueError: there is no sentence, or what was read as words are surely none; the message holds the place.
    """
    if not reading.sentences:
        raise ValueError(f"The file {reading.source} holds no sentence; fill it or leave it out.")
    _check_blanks(reading)
    _check_uncut(reading)
    _doubt_letters(reading)
    _doubt_pieces(reading)
    _doubt_marks(reading)
    _doubt(reading, LOST, "the sign of a character lost in decoding")
    _doubt(reading, MISREAD, "signs as if UTF-8 was read as text of Windows; export the data again, as UTF-8")
    return reading


def _all_words(reading: Reading) -> Iterable[str]:
    return (word for packed in reading.sentences.packed_words for word in packed.split(BETWEEN))


def _check_blanks(reading: Reading) -> None:
    """A word may be of two parts, such as New York; where most hold blanks they are sentences."""
    blanks, held, first, place = set(BLANKS), 0, "", ""
    for at, packed in enumerate(reading.sentences.packed_words):
        words = [] if blanks.isdisjoint(packed) else packed.split(BETWEEN)
        found = [number for number, word in enumerate(words) if not blanks.isdisjoint(word)]
        if found and not held:
            first, place = words[found[0]], reading.place(reading.sentences[at], found[0])
        held += len(found)
    if not held:
        return
    if 2 * held > reading.words:
        raise ValueError(
            f"{place}: {first[:60]!r} and most other words hold blanks, so that they are sentences rather than words; "
            "give each sentence as one text, or as a list of its words."
        )
    held_by = counted(held, "word holds", "words hold")
    reading.doubt(f"{held_by} blanks, the first {first[:60]!r} ({place}); each is read as one word")


def _check_uncut(reading: Reading) -> None:
    """Refuse whole sentences of a script without blanks that were taken for words."""
    words = enumerate(reading.sentences.packed_words)
    found = (at for at, packed in words if BETWEEN not in packed and written_without_blanks([packed]))
    first = next(found, None)
    if first is not None and 2 * (1 + sum(1 for _ in found)) > len(reading.sentences):
        sentence, packed = reading.sentences[first], reading.sentences.packed_words[first]
        raise ValueError(
            f"{reading.place(sentence)}: {packed[:20]!r}... is a sentence whose words are not cut, as most "
            "others are; give a character a line, or text with labelled spans (JSON export of the annotation tool)."
        )


def _doubt_letters(reading: Reading) -> None:
    count = reading.words
    if count < FEW:
        return
    letters = sum(len(word) == 1 and word.isascii() and word.isalpha() for word in _all_words(reading))
    if 2 * letters > count:
        reading.doubt(f"{letters:,} of {count:,} words are single letters; are they characters of words?")
    if all(word.isdecimal() for word in _all_words(reading)):
        reading.doubt("all words are numbers; name the column of words by --text_column_name")


def _doubt_pieces(reading: Reading) -> None:
    found = sum(word.startswith(PIECE_MARKS) for word in _all_words(reading))
    if found > FEW:
        reading.doubt(f"{found:,} words begin as pieces of a tokenizer do ({' '.join(PIECE_MARKS)}); give whole words")


def _doubt_marks(reading: Reading) -> None:
    """Labels around words in a form that is not read; with ordinary brackets, no two sentences hold such a pair."""
    found = [
        one for packed in reading.sentences.packed_words for one in OTHER_MARKS.findall(packed.replace(BETWEEN, " "))
    ]
    if len(found) > 1:
        reading.doubt(
            f"{len(found):,} stretches look like marked entities, such as {found[0][:MARK_SHOWN]!r}, and their "
            "brackets and labels are read as words; write [words](label) to have them as labels, or take them out"
        )


def _doubt(reading: Reading, part: re.Pattern[str], what: str) -> None:
    found = sum(part.search(word) is not None for word in _all_words(reading))
    if found:
        reading.doubt(f"{counted(found, 'word holds', 'words hold')} {what}")


def repeated(readings: Sequence[Reading]) -> dict[str, int]:
    """How many sentences of each further reading stand in the first one, too."""
    first = set(map(hash, readings[0].sentences.packed_words))
    counts = {
        reading.source: sum(hash(packed) in first for packed in reading.sentences.packed_words)
        for reading in readings[1:]
    }
    return {source: count for source, count in counts.items() if count}
