"""Tables of sentences: CSV, JSON and JSON lines, with a column of words and perhaps one of tags."""

import csv
import io
import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .conll import TAG, to_iob2

TEXT_COLUMN = "tokens"
LABEL_COLUMNS = ("ner_tags", "tags")

Record = dict[str, Any]


@dataclass(frozen=True)
class WordColumns:
    """Names of the columns that hold words and tags.

    Args:
        text: the column of the words.
        labels: the column of the tags; None takes `ner_tags`, and `tags` where that is missing.
        tag_names: names of tags that are integers, by index.
    """

    text: str = TEXT_COLUMN
    labels: str | None = None
    tag_names: Sequence[str] | None = None

    def label_column(self, present: Container[str]) -> str:
        """The column of the tags, among the columns that are present."""
        return self.labels or next((name for name in LABEL_COLUMNS if name in present), LABEL_COLUMNS[0])


def read_table(path: str | Path, columns: WordColumns) -> tuple[list[list[str]], list[list[str]]]:
    """Words and IOB2 tags of each row that has a word.

    Raises:
        ValueError: a column is missing, a tag is none, or words and tags differ in number; the message
            holds file and row, the first of which is 1.
    """
    tokens, tags = [], []
    for place, record in _records(Path(path)):
        words = _cell(record, place, columns.text)
        tag_cell = _cell(record, place, columns.label_column(record))
        names = [tag_name(tag, place, columns.tag_names) for tag in tag_cell]
        if len(words) != len(names):
            raise ValueError(f"{place}: {len(words)} words and {len(names)} tags; give each word one tag.")
        if words:
            tokens.append([str(word) for word in words])
            tags.append(to_iob2(names))
    return tokens, tags


def read_table_words(path: str | Path, columns: WordColumns) -> list[list[str]]:
    """The words of each row; tags are neither needed nor read."""
    rows = [_cell(record, place, columns.text) for place, record in _records(Path(path))]
    return [[str(word) for word in words] for words in rows if words]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, or a ValueError that says what is wrong with it."""
    if not path.is_file():
        raise ValueError(f"The file {path} does not exist; check the path.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"The file {path} is not UTF-8 ({error}); convert it, for instance by iconv.") from error


def tag_name(tag: Any, place: str, tag_names: Sequence[str] | None) -> str:
    """A tag as text, looked up in `tag_names` if it is an integer; `place` opens the message of an error."""
    if isinstance(tag, int) and tag_names is not None and 0 <= tag < len(tag_names):
        tag = tag_names[tag]
    if not isinstance(tag, str) or not TAG.fullmatch(tag):
        raise ValueError(f"{place}: {tag!r} is no tag; give O, B-type or I-type, or tag_names for integers.")
    return tag


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    """The place of each row, for messages, and its cells by column."""
    text = read_text(path)
    records = _csv_records(text) if path.suffix.lower() == ".csv" else _json_records(text, path)
    if not records:
        raise ValueError(f"The file {path} holds no row; fill it.")
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise ValueError(f"{path}, row {number}: {record!r} is no object; give columns by name.")
        yield f"{path}, row {number}", record


def _csv_records(text: str) -> list[Any]:
    # Not by pandas, to which the word "None" or "NA" is a missing cell.
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _json_records(text: str, path: Path) -> list[Any]:
    try:
        if text.lstrip().startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is neither a JSON list nor JSON lines ({error}); write it as one.") from error


def _cell(record: Record, place: str, column: str) -> list[Any]:
    value = record.get(column)
    if not isinstance(value, str | list):
        present = sorted(map(str, record))
        raise ValueError(f"{place}: no words or tags in a column {column!r} among {present}; rename or name one.")
    return value.split() if isinstance(value, str) else value
