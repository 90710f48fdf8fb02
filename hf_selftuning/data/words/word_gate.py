"""The gate that words of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ..rows.plain_text import BLANKS, MISREAD, counted
from .packed_sentences import BETWEEN
from .text_cutting import written_without_blanks
from .word_records import Reading

PIECE_MARKS = ("##", "\u2581", "\u0120")
"""How the pieces of a word begin in WordPiece, Unigram and BPE."""

OTHER_MARKS = re.compile(r"\[ ?[A-Z]{2,}[A-Z_-]* [^][\n]+\]|\[[^][|\n]+ ?\| ?[A-Za-z_-]+ ?\]")
"""Marks such as [PER Anna] and [Anna|PER], which are not read as labels."""

TAG_BEHIND = re.compile(r".+[/|]([A-Z][A-Z0-9$*+-]*(?:-\w+)?|[^\w\s]{1,2})", re.DOTALL)
TAG_GLUED = re.compile(r".+([BIESLU]-[A-Za-z][\w-]*|O)", re.DOTALL)
MOST = 0.8
"""The share of words with a tag at their end, from which on it is taken to be one."""

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
    _doubt_tagged(reading)
    _doubt(reading, LOST, "the sign of a character lost in decoding; export the data again, as UTF-8")
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
    reading.doubt(
        f"{held_by} blanks, the first {first[:60]!r} ({place}); each is read as one word; part them, or name another "
        "column of words by --text_column_name"
    )


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
        reading.doubt(
            f"{letters:,} of {count:,} words are single letters; if they are characters of words, "
            "give whole words, or a character a line with blanks between words as lines, too"
        )
    if all(word.isdecimal() for word in _all_words(reading)):
        reading.doubt("all words are numbers; name the column of words by --text_column_name")


def _doubt_pieces(reading: Reading) -> None:
    found = sum(word.startswith(PIECE_MARKS) for word in _all_words(reading))
    if found > FEW:
        reading.doubt(f"{found:,} words begin as pieces of a tokenizer do ({' '.join(PIECE_MARKS)}); give whole words")


def _doubt_marks(reading: Reading) -> None:
    """Labels around untagged words in a form that is not read; no two sentences with ordinary brackets have these."""
    found = [one for sentence in reading.untagged for one in OTHER_MARKS.findall(" ".join(sentence.words))]
    if len(found) > 1:
        reading.doubt(
            f"{len(found):,} stretches look like marked entities, such as {found[0][:MARK_SHOWN]!r}, and their "
            "brackets and labels are read as words; write [words](label) to have them as labels, or take them out"
        )


def _doubt_tagged(reading: Reading) -> None:
    """Words that end in their tags: few tags behind a sign, as in saw/VBD, or marks and types, as in AnnaB-PER."""
    tags, behind, glued, marked = Counter[str](), "", 0, ""
    for word in _all_words(reading):
        if (found := TAG_BEHIND.fullmatch(word)) is not None:
            tags[found[1]] += 1
            behind = behind or word
        elif TAG_GLUED.fullmatch(word):
            glued += 1
            marked = marked or ("" if word.endswith("O") else word)
    count = tags.total()
    few = 2 * len(tags) <= count or count >= MOST * reading.words
    if count > 1 and 2 * count > reading.words and few:
        _doubt_end(reading, count, behind, "a tag behind a sign")
    elif marked and glued > 1 and glued >= MOST * reading.words:
        _doubt_end(reading, glued, marked, "a tag that has run together with them")


def _doubt_end(reading: Reading, count: int, word: str, what: str) -> None:
    reading.doubt(
        f"{count:,} of {reading.words:,} words end in {what}, such as {word[:MARK_SHOWN]!r}, and are read with it; "
        "write the tag in a column of its own, behind a tab, or take it out"
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
