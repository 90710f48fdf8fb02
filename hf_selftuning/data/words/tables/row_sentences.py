"""Rows of a table to sentences: the one gate that every row of every table goes through."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...rows.plain_text import BLANKS, check_characters, counted
from ..text_cutting import (
    AT_BLANKS,
    Span,
    TextCutting,
    check_spans,
    cut_at,
    cut_words,
    span_tags,
    split_text,
    written_without_blanks,
)
from ..word_ends import LIKE_TRAINING
from ..word_records import Packer, Reading, Tag
from .annotations import Task, joined
from .labelled_spans import spans_of
from .row_cells import has_place, is_plain, placed, sentences_of
from .table_columns import Found
from .word_cells import is_missing, listed, shown, tag_list, word_list
from .word_offsets import find_word_offsets

CUT = "words cut in two at the edge of a span"
FEW_CUT = 3
"""Cut words up to which nothing is said about the offsets of spans."""


class RowReader:
    """Fills a reading with the sentences of rows.

    Args:
        reading: to be filled.
        found: the columns of words and tags.
        peeked: the first rows, by which it is told whether text has blanks between its words.
        tagged: whether tags are read at all.
        cutting: how text without tags is cut into words.
    """

    def __init__(
        self,
        reading: Reading,
        found: Found,
        peeked: Sequence[Mapping[str, Any]],
        *,
        tagged: bool,
        cutting: TextCutting = AT_BLANKS,
    ) -> None:
        self.reading, self.found, self.tagged = reading, found, tagged
        self.pack = Packer()
        texts = (row.get(found.text) for row in peeked)
        given = cutting.by_characters
        self.by_characters: bool = written_without_blanks(filter(is_plain, texts)) if given is None else given
        self.at_punctuation = cutting.at_punctuation or found.spans
        self.apart, self.like_training = cutting.apart, False
        of_spans = found.spans and tagged
        self.offsets = find_word_offsets(peeked, found.text, str(found.labels), reading.source) if of_spans else None
        if self.offsets is not None:
            reading.layout += f", {self.offsets}"
        self.spans = 0

    def add(self, number: int, task: Task) -> None:
        """Add the sentences of a row."""
        place = f"{self.reading.source}, row {number}"
        self.reading.passed_over.update(task.notes)
        cell = task.row.get(self.found.text)
        if is_missing(cell) or cell == []:
            self.reading.passed_over["rows without words"] += 1
            return
        labels = task.row.get(self.found.labels) if self.found.labels and self.tagged else None
        if task.skipped and self.tagged:
            labels = None
            self.reading.passed_over[f"tags of rows with {task.skipped}"] += 1
        if self._is_text(cell):
            self._add_text(number, cell, labels, task.row, place)
            return
        sentences = [*sentences_of(cell, labels, place)]
        text = task.row.get("text") if len(sentences) == 1 else None  # the text of a document is of no one sentence
        for words, tags in sentences:
            self._add_words(number, words, tags, place, text)

    def done(self) -> Reading:
        """The reading, with what looked odd over all rows."""
        if self.reading.from_text and self.by_characters:
            self.reading.layout += ", cut by characters: its script has no blanks between words"
        elif self.like_training:
            self.reading.layout += LIKE_TRAINING
        cut = self.reading.passed_over[CUT]
        if cut > FEW_CUT and 2 * cut > self.spans:
            self.reading.doubt(
                f"{counted(self.spans, 'span')} cut {counted(cut, 'word')} in two; a span has to end after its last "
                "character, and to count from 0"
            )
        return self.reading

    def _is_text(self, cell: Any) -> bool:
        """Whether words must be cut out of running text, or labels are stretches of characters."""
        text = is_plain(cell)
        if not self.tagged and isinstance(cell, list) and all(map(has_place, cell)):
            return True  # the words of a tool say where they stand in its text
        return self.found.spans or (text and self.found.labels is None and (self.at_punctuation or self.by_characters))

    def _add_text(self, number: int, cell: Any, labels: Any, row: Mapping[str, Any], place: str) -> None:
        cell = listed(cell, place)
        if isinstance(cell, list):
            text, words = joined(cell, row.get("text"), place)
        elif isinstance(cell, str):
            check_characters(cell, place)
            text, words = cell, None
            self.reading.from_text = True
        else:
            raise ValueError(f"{place}: the text is {shown(cell)}; give text, or a list of words.")
        check_characters(text, place)
        untagged = labels is None or is_missing(labels)
        spans = [] if untagged else check_spans(text, self._spans(labels, text, words, place), place)
        self.spans += len(spans)
        edges = [edge for span in spans for edge in (span.start, span.end)]
        if words is None:
            pieces = self._pieces(text, edges)
        else:
            pieces = cut_at(words, edges)
            self._count_cut(len(pieces) - len(words))
        tags: list[Tag] | None = None if untagged else list(span_tags(pieces, spans))
        cut = [text[start:end].strip(BLANKS) for start, end in pieces]
        self._append(number, cut, tags, text, [start for start, _ in pieces])

    def _spans(self, labels: Any, text: str, words: Sequence[tuple[int, int]] | None, place: str) -> list[Span]:
        """The labelled stretches by characters."""
        if self.offsets is None or words is None:
            return spans_of(labels, text, place)
        return self.offsets.spans_of(labels, words, place)

    def _pieces(self, text: str, edges: Sequence[int]) -> list[tuple[int, int]]:
        pieces = cut_words(text, by_characters=self.by_characters, at=edges)
        if edges:
            self._count_cut(len(pieces) - len(cut_words(text, by_characters=self.by_characters)))
        return pieces

    def _count_cut(self, more: int) -> None:
        if more:
            self.reading.passed_over[CUT] += more

    def _add_words(self, number: int, cell: Any, labels: Any, place: str, text: Any) -> None:
        plain = is_plain(cell)
        if plain and self.found.labels is None and (self.by_characters or self.apart):
            words = split_text(cell, by_characters=self.by_characters, apart=self.apart)
            check_characters(cell, place)
            self.like_training = not self.by_characters
        else:
            words = word_list(cell, place)
        tags = None if labels is None or is_missing(labels) else tag_list(labels, place)
        if tags == [] and words:
            tags = None
        if tags is not None and len(words) != len(tags):
            raise ValueError(f"{place}: {len(words)} words and {len(tags)} tags; give each word one tag.")
        self._append(number, words, tags, *placed(words, cell if plain else text))

    def _append(
        self, number: int, words: list[str], tags: list[Tag] | None, text: str | None, starts: Sequence[int] | None
    ) -> None:
        if not words:
            self.reading.passed_over["rows without words"] += 1
        elif self.tagged or text is None:
            self.reading.sentences.append(self.pack(words, tags, number))
        else:
            self.reading.sentences.append(self.pack.untagged(words, number, text, starts))
