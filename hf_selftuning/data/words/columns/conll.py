"""Column files in the CoNLL layout: a word a line, its tag in a column beside, a blank line between sentences."""

from dataclasses import dataclass

from ...rows.file_text import FilePath, read_text
from ...rows.plain_text import counted
from ..tables.table_columns import WordColumns, as_before
from ..tag_schemes import boundary_scheme
from ..tagging import named_part, scheme_of
from ..word_records import SENTENCE_ENDS, Reading
from .character_columns import character_sentences, looks_like_characters
from .column_layout import find_layout
from .column_sentences import SentenceRows
from .column_text import column_text

MOST_IN_ONE = 100
"""Words of a file of one sentence from which on ends of sentences inside it are counted."""


@dataclass(frozen=True)
class Sentences:
    """Words and their IOB2 tags, a list a sentence.

    Args:
        scheme: how the file had written the tags, such as "IOB1" or "IOB2".
    """

    tokens: list[list[str]]
    tags: list[list[str]]
    scheme: str


def iob2_sentences(reading: Reading) -> Sentences:
    """The sentences of a reading with their tags as IOB2.

    Raises:
        ValueError: a tag is none; the message holds its place.
    """
    part = named_part(reading, None)
    scheme = scheme_of([part])
    return Sentences(
        tokens=[sentence.words for sentence in reading.sentences],
        tags=[[str(tag) for tag in scheme.to_iob2(row)] for row in part.tags],
        scheme=boundary_scheme(part.tags, scheme),
    )


def read_conll_words(path: FilePath) -> list[list[str]]:
    """The words alone: of a column file without tags, or with tags that are not wanted."""
    return [sentence.words for sentence in read_columns(read_text(path), path, tagged=False).sentences]


def read_columns(
    text: str,
    path: FilePath,
    columns: WordColumns | None = None,
    *,
    tagged: bool = True,
    before: Reading | None = None,
) -> Reading:
    """Sentences of a column file; places are lines.

    Args:
        text: of the file.
        path: for messages.
        columns: numbers of the columns of words and tags, where they are known.
        tagged: whether tags are read.
        before: the part of the data that was read before, whose columns count where this one has as many.

    Raises:
        ValueError: the file holds no sentence or no tags, a line has other columns than most, a word is empty, or
            nothing parts the sentences; the message holds file and line.
    """
    columns = columns or WordColumns()
    reading = Reading(str(path), unit="line", word_a_line=True)
    if tagged and looks_like_characters(text):
        character_sentences(text, reading)
        return _checked(reading, text, parted=True, ends=columns.sentence_ends)
    lines = column_text(text, path)
    present = [str(place + 1) for place in range(lines.width)]
    layout = find_layout(lines, as_before(columns, before, present) if tagged else columns, tagged=tagged)
    reading.layout, reading.columns, reading.text_column = str(layout), present, present[layout.words]
    reading.label_column = None if layout.tags is None else present[layout.tags]
    ends = _ends(columns.sentence_ends)
    SentenceRows(reading, layout, frozenset() if layout.parted else ends, tagged=tagged).fill(lines)
    return _checked(reading, text, parted=layout.parted or bool(ends), ends=columns.sentence_ends)


def _ends(given: str | None) -> frozenset[str]:
    return frozenset() if given in (None, "none") else frozenset(str(given).split())


def _checked(reading: Reading, text: str, *, parted: bool, ends: str | None) -> Reading:
    """Refuse a file without a sentence, and one whose sentences nothing parts."""
    if not reading.sentences:
        raise ValueError(f"The file {reading.source} holds no sentence in {len(text)} characters; fill it.")
    only = reading.sentences[0]
    inside = sum(word in SENTENCE_ENDS for word in only.words[:-1])
    if not parted and ends is None and len(reading.sentences) == 1 and len(only.words) >= MOST_IN_ONE and inside > 2:
        raise ValueError(
            f"{reading.source}: no blank line parts the sentences, so that {len(only.words):,} words with {inside} "
            "ends of sentences would be one; put blank lines in, or let `--sentence_ends '. ! ?'` end a sentence "
            "after these words (`--sentence_ends none` keeps one sentence)."
        )
    if not parted and ends is None and len(reading.sentences) == 1 and (inside or len(only.words) > MOST_IN_ONE):
        told = f" with {counted(inside, 'end of a sentence', 'ends of sentences')} inside" if inside else ""
        reading.doubt(
            f"no blank line parts sentences, so that {counted(len(only.words), 'word')}{told} are read as one; put "
            "blank lines in, or let `--sentence_ends '. ! ?'` end a sentence after these words (`--sentence_ends "
            "none` says that it is one)"
        )
    return reading
