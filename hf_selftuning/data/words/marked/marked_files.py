"""Text files whose sentences carry their labels, told by their content and read as rows of a table are."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...rows.file_text import FilePath
from ..tables.table_columns import WordColumns
from ..tables.word_tables import read_rows
from ..text_cutting import AT_BLANKS, TextCutting
from ..word_records import Reading
from .inline_marks import marked_rows, marks_in
from .pubtator import is_pubtator, pubtator_rows
from .tagged_sentences import tagged_sentences

OF_SPANS = {"text": "text", "labels": "spans"}
OF_TAGS = {"text": "tokens", "labels": "tags"}


def read_marked(text: str, path: FilePath, *, tagged: bool, cutting: TextCutting = AT_BLANKS) -> Reading | None:
    """The sentences of a file with marks around words, with tags beside a sentence, or of PubTator; else None.

    Args:
        text: of the file.
        path: for messages.
        tagged: whether labels are read; without them the words are the same.
        cutting: how text is cut into words where labels are not read.

    Raises:
        ValueError: a label does not fit its words; the message holds file and line.
    """
    passed_over: Counter[str] = Counter()
    found = _rows(text, str(path), passed_over)
    if found is None:
        return None
    layout, rows, columns = found
    reading = read_rows(rows, str(path), WordColumns(**columns), tagged=tagged, class_names={}, cutting=cutting)
    characters = ", cut by characters" if ", cut by characters" in reading.layout else ""
    return replace(
        reading,
        unit="line",
        layout=layout + characters,
        columns=(),
        text_column=None,
        label_column=None,
        passed_over=reading.passed_over + passed_over,
    )


def _rows(
    text: str, path: str, passed_over: Counter[str]
) -> tuple[str, Iterator[tuple[int, dict[str, Any]]], Mapping[str, str]] | None:
    if is_pubtator(text):
        return "PubTator's titles, abstracts and spans", pubtator_rows(text, path, passed_over), OF_SPANS
    sentences = tagged_sentences(text)
    if sentences is not None:
        return f"a sentence a line, {sentences[0]}", sentences[1], OF_TAGS
    marks = marks_in(text)
    if marks is not None:
        return f"entities marked as {marks.name}", marked_rows(text, marks, path, passed_over), OF_SPANS
    return None
