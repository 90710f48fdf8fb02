"""From the tags of readings to IOB2: names of integers, hidden words, the scheme of all parts together."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..label_names import file_of_names
from .packed_sentences import PackedSentences
from .tag_schemes import HIDDEN_TAGS, OUTSIDE, Scheme, UnknownTagError, is_hidden, recognise
from .word_records import Reading, Sentence, Tag

INTEGER = re.compile(r"-?\d{1,9}")
WAY_OUT = "give O, B-type or I-type (columns may have run together), or name another column by --label_column_name."

Row = list[str | None]


@dataclass(frozen=True)
class TaggedPart:
    """A part whose tags are names: None is a hidden word.

    Args:
        reading: where it comes from.
        sentences: those that have a tag that is not hidden.
        tags: of these, a list each.
        others: those that have none.
    """

    reading: Reading
    sentences: PackedSentences
    tags: list[Row]
    others: PackedSentences

    @property
    def counts(self) -> Counter[str]:
        """How often each tag occurs."""
        return Counter(tag for row in self.tags for tag in row if tag is not None)


def named_part(reading: Reading, names: Sequence[str] | None) -> TaggedPart:
    """Look up integer tags and set hidden ones to None.

    Args:
        reading: of one part.
        names: given by the user, before those that the source has.

    Raises:
        ValueError: integers have no names, or one is beyond them; the message holds its place.
    """
    names = names or reading.tag_names
    numbered = _all_integers(reading)
    part, hidden = TaggedPart(reading, PackedSentences(), [], PackedSentences()), 0
    rows: dict[object, Row] = {None: []}  # equal rows are kept once
    for sentence in reading.sentences:
        if sentence.packed_tags not in rows:
            named = [_name(tag, reading, sentence, i, names, numbered) for i, tag in enumerate(sentence.tags or ())]
            rows[sentence.packed_tags] = named
        row = rows[sentence.packed_tags]
        hidden += row.count(None)
        if any(tag is not None for tag in row):
            part.sentences.append(sentence)
            part.tags.append(row)
        else:
            part.others.append(sentence)
    if hidden:
        reading.passed_over["words hidden by -100 or -1"] += hidden
    return part


def scheme_of(parts: Sequence[TaggedPart]) -> Scheme:
    """The scheme of all tags of all parts.

    Raises:
        ValueError: a tag does not fit the others; the message holds its place.
    """
    counts: Counter[str] = sum((part.counts for part in parts), Counter())
    try:
        return recognise(counts)
    except UnknownTagError as error:
        raise ValueError(f"{_place_of(parts, error.tag)}: {error}; {WAY_OUT}") from error


def iob2_rows(part: TaggedPart, scheme: Scheme) -> list[Row]:
    """The tags of a part as IOB2; equal rows are the same object, as those of the part are."""
    rows = {id(row): scheme.to_iob2(row) for row in {id(row): row for row in part.tags}.values()}
    return [rows[id(row)] for row in part.tags]


def class_names(used: set[str], names: Sequence[str] | None, scheme: Scheme) -> list[str]:
    """The names of the classes: the given ones in their order, as IOB2; else O and the used ones sorted.

    Args:
        used: tags that occur, in IOB2.
        names: as the source or the user gave them, in the scheme of the source.
        scheme: of the source.
    """
    if names is None:
        return [OUTSIDE, *sorted(used - {OUTSIDE})]
    if used <= set(names):
        return list(names)
    kinds = dict.fromkeys(found[1] for found in (scheme.split(name) for name in names if name != OUTSIDE) if found)
    marks = "B" if scheme.name == "one class a word" else "BI"
    made = [f"{mark}-{kind}" for kind in kinds for mark in marks]
    outside = [OUTSIDE] if OUTSIDE in names or OUTSIDE in used else []
    return [*outside, *made, *sorted(used - {OUTSIDE, *made})]


def _all_integers(reading: Reading) -> bool:
    """Whether all tags are integers, perhaps written as text."""
    return all(
        isinstance(tag, int) or INTEGER.fullmatch(tag) for sentence in reading.tagged for tag in sentence.tags or ()
    )


def _name(
    tag: Tag, reading: Reading, sentence: Sentence, word: int, names: Sequence[str] | None, numbered: bool
) -> str | None:
    if isinstance(tag, str) and not numbered:
        return None if is_hidden(tag) else tag
    number = int(tag)
    if number in HIDDEN_TAGS:
        return None
    place = reading.place(sentence, word)
    if names is None or not numbered:
        others = (
            f", or name one of {list(reading.other_labels)} by --label_column_name" if reading.other_labels else ""
        )
        raise ValueError(
            f"{place}: {tag!r} is no tag; give O, B-type or I-type, or the names of integer tags by --tag_names"
            f"{others}.{_beside(reading.source)}"
        )
    if not 0 <= number < len(names):
        raise ValueError(
            f"{place}: the tag {number} is beyond the {len(names)} names {list(names)[:12]}; give a name for each "
            "number, or -100 to hide the word."
        )
    return names[number]


def _beside(source: str) -> str:
    """Which file beside the data may hold the names of integer tags."""
    file = file_of_names(source)
    return "" if file is None else f" {file.name} beside the data may hold the names: --tag_names {file} reads it."


def _place_of(parts: Sequence[TaggedPart], tag: str) -> str:
    for part in parts:
        for sentence, row in zip(part.sentences, part.tags, strict=True):
            if tag in row:
                return part.reading.place(sentence, row.index(tag))
    return parts[0].reading.source
