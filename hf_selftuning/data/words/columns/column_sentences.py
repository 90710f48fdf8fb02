"""Rows of a column file to sentences."""

from ..word_records import Packer, Reading
from .column_index import index_breaks, skipped_index
from .column_layout import Layout
from .column_text import ColumnText


class SentenceRows:
    """Fills a reading with the sentences of a column file.

    Args:
        reading: to be filled.
        layout: the columns.
        ends: words after which a sentence ends.
        tagged: whether tags are read.
    """

    def __init__(self, reading: Reading, layout: Layout, ends: frozenset[str], *, tagged: bool) -> None:
        self.reading, self.layout, self.ends = reading, layout, ends
        self.tags_at = layout.tags if tagged else None
        self.pack = Packer()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.lines: list[int] = []
        self.last: str | None = None

    def fill(self, text: ColumnText) -> None:
        """Read all rows."""
        for line, columns in text.rows(self.reading.passed_over):
            if columns:
                self._add(line, columns)
            else:
                self._close()
        self._close()

    def _add(self, line: int, columns: list[str]) -> None:
        if self.layout.index:
            if skipped_index(columns[0]):
                self.reading.passed_over["lines of word ranges"] += 1
                return
            if index_breaks(self.layout.index, columns[0], self.last):
                self._close()
            self.last = columns[0]
        if self.words and self.words[-1] in self.ends:
            self._close()
        whole = columns[self.layout.words]
        word = whole.removeprefix(self.layout.prefix) or whole
        if not word:
            raise ValueError(
                f"{self.reading.source}, line {line}: the word is empty; take the line out, or write its word."
            )
        self.words.append(word)
        self.lines.append(line)
        if self.tags_at is not None:
            self.tags.append(columns[self.tags_at])

    def _close(self) -> None:
        """End the sentence; a blank line within its numbers ends it, too."""
        if self.words:
            tags = self.tags if self.tags_at is not None else None
            first = self.lines[0]
            lines = None if self.lines[-1] - first + 1 == len(self.lines) else self.lines
            self.reading.sentences.append(self.pack(self.words, tags, first, lines))
        self.words, self.tags, self.lines, self.last = [], [], [], None
