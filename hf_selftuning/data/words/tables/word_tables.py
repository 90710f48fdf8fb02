"""Tables of sentences: CSV, TSV, JSON, JSON lines and Parquet, with a column of words and perhaps one of tags."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from ...rows.csv_rows import csv_rows, find_delimiter
from ...rows.file_text import PARQUET, WIDE, FilePath, decode, read_bytes, suffix_of
from ...rows.json_rows import texts_as_rows
from ...rows.part_names import check_undivided, part_column, part_of
from ...rows.plain_text import BLANKS, split_blanks
from ...rows.present_columns import present_columns
from ...rows.table_rows import TABLES, table_rows
from ..tag_schemes import looks_like_tag
from ..text_cutting import AT_BLANKS, TextCutting
from ..word_records import Reading
from .annotations import Task, as_task
from .other_columns import other_tags, other_words
from .row_sentences import RowReader
from .table_columns import KNOWN, Found, WordColumns, as_before, find_columns
from .word_a_row import (
    SENTENCE_NUMBERS,
    check_parted,
    has_word_a_row,
    is_comment,
    join_rows,
    sentence_column,
    without_comments,
)

PEEKED = 1000
"""Rows by which columns are found."""
HEADER = (*KNOWN, *SENTENCE_NUMBERS)
"""Names of columns in lower case."""
NAME = re.compile(r"[\w.-]{0,40}\w")
"""What the name of a column looks like, where it is no usual one."""


def is_table(path: FilePath, data: bytes) -> bool:
    """Whether a file is read as a table: by its suffix, or by its content where that is JSON or Parquet."""
    if data.startswith(PARQUET):
        return True
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix_of(path) == ".tsv":
        return bool(_header_names(_first_line(data, path).split("\t")))
    if suffix_of(path) in (".csv", ".json", ".jsonl") and _of_columns(data, path):
        return False
    return suffix_of(path) in TABLES or start.startswith((b'{"', b'[{"', b"[{", b"{\n"))


def read_table(
    path: FilePath,
    columns: WordColumns,
    *,
    tagged: bool = True,
    cutting: TextCutting = AT_BLANKS,
    data: bytes | None = None,
    before: Reading | None = None,
) -> Reading:
    """Sentences of each row that has a word, with their tags where they have some.

    Args:
        path: of the file.
        columns: where words and tags stand, as far as it is known.
        tagged: whether a column of tags must be there.
        cutting: how text without tags is cut into words; text with spans is cut at punctuation.
        data: the bytes of the file, where they have been read.
        before: the part of the data that was read before, whose columns count where this one has the same.

    Raises:
        ValueError: the file does not fit; the message holds file and row, the first of which is 1.
    """
    class_names: dict[str, list[str]] = {}
    data = read_bytes(path) if data is None else data
    rows = _rows(path, data, class_names)
    return read_rows(rows, str(path), columns, tagged=tagged, cutting=cutting, class_names=class_names, before=before)


def read_rows(
    rows: Iterator[tuple[int, Any]],
    source: str,
    columns: WordColumns,
    *,
    tagged: bool,
    class_names: Mapping[str, Sequence[str]],
    cutting: TextCutting = AT_BLANKS,
    before: Reading | None = None,
) -> Reading:
    """Sentences of rows from wherever they come, see `read_table`."""
    tasks = _tasks(rows if tagged else texts_as_rows(rows), source)
    first = list(islice(tasks, PEEKED))
    if not first:
        raise ValueError(f"The file {source} holds no row (the first line of a CSV file names its columns); fill it.")
    peeked = [task.row for _, task in first]
    present = present_columns(peeked)
    columns = as_before(columns, before, present)
    found = find_columns(peeked, columns, source, tagged=tagged)
    words = [task for _, task in first if not is_comment(task)]
    numbers, tasks = sentence_column([task.row for task in words]), chain(first, tasks)
    single = numbers is None and has_word_a_row(words, found)
    if single:
        check_parted(words, found, source)
    reading = Reading(source, layout=("a word a row, " if single else "") + _layout(found, numbers, tagged=tagged))
    if single or numbers is not None:
        tasks = join_rows(without_comments(tasks, reading.passed_over), numbers, found, source)
    reading.tag_names = class_names.get(found.labels or "") or class_names.get("") or None
    reading.columns, reading.text_column, reading.label_column = present, found.text, found.labels
    reading.other_labels = found.others
    reading.doubts += other_words(peeked, found, besides=numbers) if columns.text is None else []
    reading.doubts += other_tags(peeked, found) if tagged else []
    reader = RowReader(reading, found, peeked, tagged=tagged, cutting=cutting)
    divided, parts = part_column(peeked) if tagged else None, Counter[str]()
    for number, task in tasks:
        if divided is not None:
            parts[part_of(str(task.row.get(divided))) or "no part"] += 1
        reader.add(number, task)
    check_undivided(parts, divided, source, "sentences")
    return reader.done()


def has_named_columns(text: str) -> bool:
    """Whether a text is a table though its suffix does not say so.

    Its first line then names columns, with commas, semicolons or tabs between, one of them by a usual name; no name is
    a value of its column, and all lines have as many cells.
    """
    header = text.lstrip().partition("\n")[0]
    cells = header.split(find_delimiter(header, HEADER))
    names = [cell.strip(BLANKS + '"') for cell in cells]
    if len(cells) < 2 or not _header_names(names) or not all(map(_is_name, names)):
        return False
    try:
        rows = [row for _, row in islice(csv_rows(text, "", HEADER), PEEKED) if row]
    except ValueError:
        return False
    whole = all(cell is not None for row in rows for cell in row.values())
    return bool(rows) and whole and not any(cell == name for row in rows for name, cell in row.items())


def _is_name(name: str) -> bool:
    return name.lower() in HEADER or NAME.fullmatch(name) is not None


def read_named_columns(
    text: str, path: FilePath, columns: WordColumns, *, tagged: bool, cutting: TextCutting, before: Reading | None
) -> Reading:
    """The same of a text that `has_named_columns`."""
    rows = csv_rows(text, path, HEADER)
    return read_rows(rows, str(path), columns, tagged=tagged, cutting=cutting, class_names={}, before=before)


def column_names(path: FilePath) -> list[str]:
    """The columns of a table, as its first rows have them.

    Raises:
        ValueError: the first rows cannot be read.
    """
    tasks = _tasks(_rows(path, read_bytes(path), {}), str(path))
    return present_columns([task.row for _, task in islice(tasks, PEEKED)])


def _tasks(rows: Iterator[tuple[int, Any]], source: str) -> Iterator[tuple[int, Task]]:
    group = 0
    for number, row in rows:
        if row == {}:
            group += 1
        else:
            yield number, replace(as_task(row, f"{source}, row {number}"), group=group)


def _layout(found: Found, numbers: str | None, *, tagged: bool) -> str:
    rows = f"a word a row, sentences by {numbers!r}, " if numbers else ""
    labels = f", {'spans' if found.spans else 'tags'} {found.labels!r}" if found.labels and tagged else ""
    return f"{rows}words {found.text!r}{labels}"


def _rows(path: FilePath, data: bytes, class_names: dict[str, list[str]]) -> Iterator[tuple[int, Any]]:
    return table_rows(path, data, class_names, known=HEADER, has_header=_has_header)


def _has_header(text: str) -> bool:
    """Whether the first line names the columns, rather than being a sentence and its tags."""
    first = text.lstrip("\n").partition("\n")[0]
    for cell in first.replace(";", ",").replace("\t", ",").split(","):
        tags = split_blanks(cell.strip('"'))
        if len(tags) > 1 and all(map(looks_like_tag, tags)):
            return False
    return True


def _header_names(cells: Sequence[str]) -> bool:
    names = [cell.strip().lower() for cell in cells]
    return any(name in HEADER for name in names) and not any(map(looks_like_tag, cells))


def _of_columns(data: bytes, path: FilePath) -> bool:
    """Whether the first line holds a word and its tag apart by blanks, as a column file under another name does."""
    cells = split_blanks(_first_line(data, path))
    return len(cells) > 1 and looks_like_tag(cells[-1]) and not set("[{,;") & set("".join(cells))


def _first_line(data: bytes, path: FilePath) -> str:
    """The first filled line; of UTF-16 and UTF-32, whose line breaks are no single bytes, all is decoded."""
    if data.startswith(WIDE):
        return decode(data, path).lstrip().partition("\n")[0]
    start = len(data) - len(data.lstrip())
    end = data.find(b"\n", start)
    return decode(data if end < 0 else data[:end], path).lstrip()
