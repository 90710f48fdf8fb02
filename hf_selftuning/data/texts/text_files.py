"""Files of texts: tables, exports of annotation tools, one text in each line, and one JSON file with all parts."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

from ..rows.csv_rows import csv_rows, tabs_alike
from ..rows.file_text import PARQUET, FilePath, check_lines, decode, read_bytes, suffix_of
from ..rows.json_shapes import rows_inside
from ..rows.label_cells import NoLabelsError, class_of
from ..rows.part_names import part_of
from ..rows.plain_text import BLANKS, check_characters, lines_of
from ..rows.refused_folders import check_paired
from ..rows.table_rows import TABLES, table_rows
from .divided_lines import classes_first, divided_lines, has_names
from .rasa_markdown import is_rasa_markdown, rasa_rows
from .text_columns import KNOWN, TextColumns
from .text_readings import TextReading
from .text_rows import PEEKED, read_rows, stripped

FASTTEXT = "__label__"
"""The mark before a class in fastText's files."""

TABLE_RULE = re.compile(r"\n\s*\|?[ :-]*--[ :|-]*\n")
"""The line below the names of a table in Markdown."""

FEW = 4
"""Words that the name of a class has at the most, for telling it from the tags of a sentence."""


def read_texts_file(path: FilePath, columns: TextColumns, *, labeled: bool = True) -> TextReading:
    """The texts of a file.

    Args:
        path: a table (CSV, TSV, JSON, JSON lines, Parquet), an export of an annotation tool, lines of fastText, or,
            without classes, text with one example in each line; gzip may have packed it.
        columns: where texts and classes are, as far as it is known.
        labeled: whether there must be classes.

    Raises:
        ValueError: the file cannot be read; the message names file, place and the way out.
    """
    check_paired(path, labeled=labeled)
    data = read_bytes(path)
    if not data.strip():
        raise ValueError(f"The file {path} is empty; fill it or leave it out.")
    reading = _read(path, data, columns, labeled=labeled)
    if not reading.texts:
        raise ValueError(f"The file {path} holds no text, only blanks or rows without text; fill it or leave it out.")
    return reading


def _read(path: FilePath, data: bytes, columns: TextColumns, *, labeled: bool) -> TextReading:
    if is_table(path, data):
        class_names: dict[str, list[str]] = {}
        rows = table_rows(path, data, class_names, known=KNOWN, has_header=_has_header)
        return read_rows(rows, str(path), columns, labeled=labeled, class_names=class_names)
    text = decode(data, path)
    more = _rows_of_text(text, path, labeled=labeled)
    if more is not None:
        return read_rows(more, str(path), columns, labeled=labeled)
    check_lines(text, path)
    return _read_lines(text, path, columns, labeled=labeled)


def holds_tabs(text: str) -> bool:
    """Whether a file is a table whose suffix does not say so: tabs divide all its lines alike, and none is empty."""
    text = text.rstrip(BLANKS)
    return "\n" in text and tabs_alike(line for _, line in lines_of(text))


def _rows_of_text(text: str, path: FilePath, *, labeled: bool) -> Iterator[tuple[int, Any]] | None:
    """The rows of a table whose suffix does not say so; None for lines of text."""
    if FASTTEXT in text[:1000]:
        return None
    if is_rasa_markdown(text):
        return rasa_rows(text)
    text = TABLE_RULE.sub("\n", text, count=1)
    if holds_tabs(text) or has_names(text):
        return csv_rows(text, path, KNOWN, header=_has_header(text))
    return divided_lines(text, commas=labeled)


def is_table(path: FilePath, data: bytes) -> bool:
    """Whether a file is read as a table: by its suffix, or by its content where that is JSON or Parquet."""
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return data.startswith(PARQUET) or suffix_of(path) in TABLES or start.startswith((b'{"', b'[{"', b"[{", b"{\n"))


def parts_in_one_file(path: FilePath, columns: TextColumns) -> dict[str, TextReading] | None:
    """The parts of a JSON file that holds an object with a list of rows for each part; None for any other file.

    Lists of one part, such as `train` and `oos_train`, are joined.

    Raises:
        ValueError: a list cannot be read.
    """
    if suffix_of(path) != ".json":
        return None
    try:
        text = decode(read_bytes(path), path)
        found: Any = json.loads(text) if text.lstrip().startswith("{") else None  # a list is read row by row
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(found, Mapping)
        or not found
        or not all(isinstance(rows, list | Mapping) for rows in found.values())
    ):
        return None
    parts = {key: part_of(key) or part_of(key.rpartition("_")[2]) for key in found}
    if "train" not in parts.values() or None in parts.values():
        return None
    readings: dict[str, TextReading] = {}
    for key, part in parts.items():
        inner = found[key] if isinstance(found[key], list) else rows_inside(found[key], [], path)
        rows: Iterator[tuple[int, Any]] = iter(enumerate(inner, start=1))
        reading = read_rows(rows, f"{path}, {key}", columns, labeled=part != "unlabeled")
        if part in readings:
            readings[str(part)].join(reading)
        else:
            readings[str(part)] = replace(reading, source=f"{path}, {part}", joined=[(0, reading.source)])
    return readings


def holds_classed_texts(path: FilePath) -> bool:
    """Whether a file is a table, or lines of fastText, with texts and the names of one class each in its first rows.

    The name of a class has few words. The tags of a sentence are as many as its words.
    """
    try:
        data = read_bytes(path)
        if is_table(path, data):
            rows = table_rows(path, data, {}, known=KNOWN, has_header=_has_header)
        else:
            text = decode(data, path)
            found = _rows_of_text(text, path, labeled=True)
            if found is None:
                return FASTTEXT in text.lstrip(BLANKS).partition("\n")[0]
            rows = found
        reading = read_rows(islice(rows, PEEKED), str(path), TextColumns())
    except ValueError:
        return False
    several = sum(" " in text[0] for text in reading.texts)
    single = sum(name is None or len(name.split()) <= FEW for name in reading.classes)
    classed = [(text[0], name) for text, name in zip(reading.texts, reading.classes, strict=True) if name is not None]
    # Of short sentences, all tags together are as few words as the name of a class.
    tagged = all(len(name.split()) == len(text.split()) for text, name in classed)
    return not tagged and 2 * several > len(reading.texts) and single == len(reading.classes)


def _counts_on(first: Any, others: Sequence[Any]) -> bool:
    """Whether a cell and those below it are whole numbers, each one more than that above, as ids are."""
    cells = [str(cell).strip(BLANKS) for cell in (first, *others)]
    return len(cells) > 1 and all(map(str.isdecimal, cells)) and all(int(b) - int(a) == 1 for a, b in pairwise(cells))


def _has_header(text: str) -> bool:
    """Whether the first line names the columns, rather than being a text and its class.

    It names them if one of its cells is a usual name, or if no cell of it is a value that its column repeats, or the
    first number of a column that counts.
    """
    try:
        rows = [list(row.values()) for _, row in islice(csv_rows(text, "", KNOWN, header=False), PEEKED)]
    except ValueError:
        return True  # whoever reads the rows says what is wrong, and in which file
    first, *rest = rows or [[]]
    if any(str(cell).strip(BLANKS).lower() in KNOWN for cell in first):
        return True
    for place, cell in enumerate(first):
        if rest and _counts_on(cell, [row[place] for row in rest if place < len(row)]):
            return False
        counts = Counter(row[place] for row in rest if place < len(row) and row[place])
        if counts.get(cell) and 2 * len(counts) <= max(4, counts.total()):
            return False
    return True


def _read_lines(text: str, path: FilePath, columns: TextColumns, *, labeled: bool) -> TextReading:
    filled = sum(bool(line.strip(BLANKS)) for _, line in lines_of(text))
    marked = sum(FASTTEXT in line for _, line in lines_of(text)) if FASTTEXT in text else 0
    first = classes_first(text)
    if labeled and 2 * marked <= filled:
        raise NoLabelsError(
            f"{path}: lines of text alone have no classes; give a table with a column of texts and one of classes, a "
            "folder with a sub-folder of text files for each class, or give the file as --unlabeled_file."
            f"{first and f' They begin with {first}, as if these were classes; put a tab behind each.'}"
        )
    reading = TextReading(str(path), unit="line", layout="classes in fastText's form" if marked else "a text a line")
    reading.names = columns.class_names if marked else None
    if first:
        reading.doubt(f"all lines begin with {first}, as if these were their classes; they are read as words")
    for number, content in lines_of(text):
        line, place = stripped(content), f"{path}, line {number}"
        name, rest = _fasttext(line, place) if marked else (None, line)
        if rest:
            check_characters(rest, place)
            known = class_of(name, columns.class_names, place, "text") if labeled else None
            reading.add((rest,), known, number)
        elif line:
            reading.passed_over["rows without text"] += 1
    return reading


def _fasttext(line: str, place: str) -> tuple[str | None, str]:
    """The class and the text of a line of fastText."""
    names = re.findall(rf"(?:^|\s){FASTTEXT}(\S+)", line)
    if len(names) > 1:
        raise ValueError(
            f"{place}: the text has {len(names)} labels ({', '.join(names[:5])}), and a classifier learns one class "
            "for each text; keep one label each."
        )
    return (names[0] if names else None), stripped(re.sub(rf"(?:^|\s){FASTTEXT}\S+", "", line))
