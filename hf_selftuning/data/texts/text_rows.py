"""Rows of texts to a reading: the one gate that every row of every table and dataset goes through."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from ..rows.class_exports import as_record, class_first
from ..rows.file_text import suffix_of
from ..rows.json_rows import texts_as_rows
from ..rows.label_cells import MISSING, check_single, class_doubts, class_of
from ..rows.part_names import check_undivided, part_column, part_of
from ..rows.plain_text import BLANKS, MISREAD, check_characters, counted
from .text_columns import KNOWN, SEVERAL_TEXTS, Found, TextColumns, find_columns
from .text_encoding import other_wordings
from .text_readings import TextReading

PEEKED = 1000
"""Rows by which columns are found."""

WITH_HEADERS = (".csv", ".tsv", ".txt")
"""Suffixes of files whose first line names the columns."""

SENTENCE = 4
"""Words from which on the name of a column may be a text."""

ROWS_OF_SEVERAL = ", each text of a list by itself"

LOST = ("nan", "null", "<na>", "none", "n/a")
"""What is left of an empty cell that was turned into text."""

OF_EXCEL = ("#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!")
"""What a spreadsheet shows in the place of a formula that it cannot compute."""

LONGEST_MARK = max(map(len, (*LOST, *OF_EXCEL)))


def read_rows(
    rows: Iterator[tuple[int, Any]],
    source: str,
    columns: TextColumns,
    *,
    labeled: bool = True,
    class_names: Mapping[str, Sequence[str]] | None = None,
) -> TextReading:
    """The texts of rows from wherever they come.

    Args:
        rows: number and cells of each row.
        source: for messages.
        columns: where texts and classes are, as far as it is known.
        labeled: whether there must be a column of classes; without one, classes in the rows are not read.
        class_names: the names of integer labels by column, or under "" for any column.

    Raises:
        ValueError: the rows do not fit; the message holds source and row.
    """
    given = list(islice(rows, PEEKED))
    given = with_names(given)
    turned = class_first([row for _, row in given])
    rows = ((number, row) for number, row in chain(given, rows) if row != {})
    rows = rows if labeled else texts_as_rows(rows)
    records = ((number, *as_record(row, f"{source}, row {number}", turned=turned)) for number, row in rows)
    first = list(islice(records, PEEKED))
    if not first:
        raise ValueError(f"The file {source} holds no row (the first line of a CSV file names its columns); fill it.")
    found = find_columns([record for _, record, _ in first], columns, source, labeled=labeled)
    known = class_names or {}
    names = columns.class_names or known.get(found.label or "") or known.get("") or None
    reading = TextReading(source, names=names, layout=_layout(found, labeled=labeled))
    divided = part_column([record for _, record, _ in first]) if labeled else None
    parts = Counter[str]()
    for number, record, skipped in chain(first, records):
        if divided is not None:
            parts[part_of(str(record.get(divided))) or "no part"] += 1
        for single in _single(record, found, reading):
            _add(reading, found, number, single, "" if labeled else None, skipped)
    check_undivided(parts, divided, source, "texts")
    check_single(reading.classes, source, "text")
    _doubt(reading)
    if columns.text is None and suffix_of(source) in WITH_HEADERS:
        _doubt_header(reading, found.text)
    return reading


def with_names(rows: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """The first rows of a file; if they are lists, and the first of them names columns, it is left out.

    Args:
        rows: with their numbers; the names are then those of a text and its class, in the order of the lists.
    """
    first = rows[0][1] if rows else None
    names = [str(name).strip().lower() for name in first] if isinstance(first, list) and len(first) == 2 else []
    return rows[1:] if len(rows) > 1 and names and all(name in KNOWN for name in names) else rows


def _single(record: Mapping[str, Any], found: Found, reading: TextReading) -> Sequence[Mapping[str, Any]]:
    """A row for each text of a row that holds several, as files of chatbots do; else the row itself."""
    name = found.text[0]
    cell = record.get(name)
    if len(found.text) > 1 or name.lower() not in SEVERAL_TEXTS or not isinstance(cell, list) or not cell:
        return (record,)
    if ROWS_OF_SEVERAL not in reading.layout:
        reading.layout += ROWS_OF_SEVERAL
    return [{**record, name: text} for text in cell]


def stripped(text: str) -> str:
    """A text without the blanks around it; "" for one that holds nothing to be seen, such as a no-break space."""
    return "" if text.isspace() else text.strip(BLANKS)


def _add(
    reading: TextReading, found: Found, number: int, record: Mapping[str, Any], labeled: str | None, skipped: str
) -> None:
    """Add the text of a row; a row without a text is counted.

    Args:
        labeled: None leaves all classes out.
        skipped: why the class of the row does not count.
    """
    place = f"{reading.source}, row {number}"
    texts = tuple([_text(record.get(name), place, name) for name in found.text])
    if not all(texts):
        reading.passed_over["rows without text"] += 1
        return
    cell = record.get(found.label) if found.label is not None and labeled is not None else None
    if skipped and cell is not None:
        reading.passed_over[f"classes of rows with {skipped}"] += 1
        cell = None
    if str(cell).strip() == "-1":
        reading.passed_over["labels -1"] += 1
    missing = {*MISSING, "-"} if found.label == "gold_label" else MISSING  # as SNLI writes that people disagree
    name = class_of(cell, reading.names, place, "text", missing)
    others = other_wordings([record.get(name) for name in found.augmented]) if found.augmented else ()
    reading.add(texts, name, number, others)


def _text(cell: Any, place: str, column: str) -> str:
    """The text in a cell; "" where it is empty or not a number.

    Raises:
        ValueError: it is no text.
    """
    text = cell if isinstance(cell, str) else _text_of_other(cell, place, column)
    check_characters(text, place)
    return stripped(text)


def _text_of_other(cell: Any, place: str, column: str) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, list) and cell and all(isinstance(item, str) for item in cell):
        return " ".join(cell)  # the words or the paragraphs of a text
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)  # a text that is a number, which JSON holds as one
    raise ValueError(f"{place}: the cell of {column!r} holds {str(cell)[:60]!r}, which is no text; give text.")


def _layout(found: Found, *, labeled: bool) -> str:
    told = f"texts {' with '.join(map(repr, found.text))}"
    told += f", classes {found.label!r}" if found.label is not None and labeled else ""
    return told + (f", other wordings {', '.join(map(repr, found.augmented))}" if found.augmented else "")


def _doubt_header(reading: TextReading, names: Sequence[str]) -> None:
    """Say of a column of texts that is called by a sentence that its name may be the first text."""
    for name in names:
        words = name.split()
        if len(words) >= SENTENCE or (len(words) > 1 and name.endswith((".", "?", "!"))):
            reading.doubt(
                f"the first line is taken as the names of the columns, so {name[:60]!r} is none of the texts; if it "
                "is one, put a line above that names the columns, such as text"
            )


def _doubt(reading: TextReading) -> None:
    for doubt in class_doubts(reading.classes, "text"):
        reading.doubt(doubt)
    _doubt_texts(reading)
    minus = reading.passed_over.pop("labels -1", 0)
    if minus:
        reading.doubt(
            f"{counted(minus, 'label is', 'labels are')} -1, which is read as no class; write the name of the class "
            "if it is one"
        )


def _doubt_texts(reading: TextReading) -> None:
    misread, broken, lost, empty = list[str](), list[str](), 0, 0
    for part in chain.from_iterable(reading.texts):
        if not part.isascii():
            lost += "\ufffd" in part
            misread += [found[0]] if (found := MISREAD.search(part)) else []
        elif len(part) <= LONGEST_MARK:
            empty += part.lower() in LOST
            broken += [part] if part in OF_EXCEL else []
    if lost:
        reading.doubt(
            f"{counted(lost, 'text holds', 'texts hold')} the sign of a character lost in decoding; "
            "export the data again, as UTF-8"
        )
    if misread:
        reading.doubt(
            f"{counted(len(misread), 'text holds', 'texts hold')} signs such as {misread[0]!r}, as if UTF-8 was read "
            "as text of Windows; export the data again, as UTF-8"
        )
    if empty:
        reading.doubt(
            f"{counted(empty, 'text is', 'texts are')} nan, null or none, as if an empty cell was turned into text; "
            "leave the cell empty"
        )
    if broken:
        reading.doubt(
            f"{counted(len(broken), 'text is', 'texts are')} an error of a spreadsheet such as {broken[0]}, as where "
            "a text that begins with = was taken for a formula; export the texts again"
        )
