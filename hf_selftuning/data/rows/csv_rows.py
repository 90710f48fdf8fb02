"""Rows of a CSV or TSV file by the rules of CSV: a header, a delimiter found in it, quotes, line breaks in quotes."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from .file_text import FilePath
from .plain_text import BLANKS, lines_of, named_twice
from .tab_records import tab_records

DELIMITERS = ",;\t|"
RARE = "^~\x01"
"""Delimiters too, if a known name stands in the header that they divide."""
MOST_CHARACTERS = 10_000_000
"""Of a cell."""
TYPES = {"string", "str", "text", "int", "integer", "float", "object", "category", "categorical", "varchar", "nominal",
         "discrete", "continuous", "numeric", "class", "meta", "bool", "list"}  # fmt: skip
"""Types of columns, as some programs write them below the header."""
PEEKED = 20
"""Filled lines by which the delimiter is told."""

Row = tuple[int, dict[str, Any]]


def csv_rows(text: str, path: FilePath, known: Sequence[str], *, header: bool = True) -> Iterator[Row]:
    """Number and cells by column of each row; an absent cell is None, an empty row has no cell.

    Args:
        text: of the file.
        path: for messages.
        known: names that a header may hold, in lower case, by which the delimiter is told.
        header: without one, columns are named "1", "2", ...

    Raises:
        ValueError: a line has more cells than the header, or its quotes are not closed.
    """
    filled = list(islice((line for _, line in lines_of(text) if line.strip(BLANKS)), PEEKED))
    delimiter = find_delimiter(filled[0] if filled else "", known, tabs=tabs_alike(filled))
    records = _records(text, path, delimiter)
    number_of_first, cells = next((record for record in records if record[1]), (1, []))
    names = _names(cells) if header else [str(i + 1) for i in range(len(cells))]
    _check_names(names, path)
    title = _title(cells) if header else ""
    rows = records if header else _chain((number_of_first, cells), records)
    for number, (line, row) in enumerate(rows, start=1):
        while len(row) > len(names) and not row[-1].strip(BLANKS):
            row.pop()  # a delimiter at the end of a line opens a cell that holds nothing
        _check_cells(row, names, f"{path}, line {line}", delimiter)
        if header and len(row) > 1:
            _check_header(row, names, known if number == 1 else (), f"{path}, line {line}")
        if title and sum(map(bool, row)) > 1:
            raise ValueError(
                f"{path}, line {number_of_first}: {title!r} stands alone where the names of {len(names)} columns are "
                "expected; take out lines above the names of the columns."
            )
        yield number, dict(zip(names, [*row, *[None] * (len(names) - len(row))], strict=True)) if row else {}


def find_delimiter(header: str, known: Sequence[str], *, tabs: bool = False) -> str:
    """The delimiter under which the header holds the most known names, then the most cells.

    Args:
        header: the first line.
        known: names that it may hold.
        tabs: tabs divide the first lines alike. They then count before signs that a text holds, such as commas.
    """

    def score(delimiter: str) -> tuple[int, bool, int]:
        names = [name.strip(BLANKS + '"').lower() for name in header.split(delimiter)]
        return sum(name in known for name in names), tabs and delimiter == "\t", len(names)

    return max(DELIMITERS + "".join(sign for sign in RARE if score(sign)[0]), key=score)


def tabs_alike(lines: Iterable[str]) -> bool:
    """Whether each line holds as many tabs as the first one, and at least one."""
    counts = (line.count("\t") for line in lines)
    first = next(counts, 0)
    return first > 0 and all(count == first for count in counts)


def _records(text: str, path: FilePath, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record ends, and its cells; lines of blanks are records without cells."""
    if delimiter == "\t":
        yield from tab_records(text)
        return
    csv.field_size_limit(MOST_CHARACTERS)  # the usual limit is less than a long document
    reader = csv.reader((line + "\n" for _, line in lines_of(text)), delimiter=delimiter, strict=True)
    started = False
    while True:
        begun = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f"{path}, line {begun}: {_explained(str(error))}; put quotation marks around the whole cell and "
                "double those inside, or write JSON lines."
            ) from error
        filled = any(cell.strip(BLANKS) for cell in row)
        started = started or filled
        if started:
            yield reader.line_num, row if filled else []


def _check_cells(row: Sequence[str], names: Sequence[str], place: str, delimiter: str) -> None:
    if len(row) > len(names):
        raise ValueError(
            f"{place}: {len(row)} cells where the header has {len(names)} ({', '.join(names)}); put quotation marks "
            f"around cells that hold {delimiter!r}, take out lines above the header, or write JSON lines."
        )


def _check_header(row: Sequence[str], names: Sequence[str], known: Sequence[str], place: str) -> None:
    """Refuse a row that is a second header: the same names, other names of columns, or the types of the columns."""
    cells = [cell.strip(BLANKS) for cell in row]
    plain = {cell.lower() for cell in cells}
    if cells == list(names) or (known and (plain <= set(known) or plain <= TYPES)):
        raise ValueError(
            f"{place}: the row {', '.join(cells)} is a second header below {', '.join(names)}; keep the one line that "
            "names the columns."
        )


def _title(cells: Sequence[str]) -> str:
    """The only text in a first line of three cells or more, which may be a title; else nothing."""
    filled = [cell.strip(BLANKS) for cell in cells if cell.strip(BLANKS)]
    return filled[0] if len(cells) > 2 and len(filled) == 1 else ""


def _explained(error: str) -> str:
    if "field larger" in error:
        return f"a cell is larger than {csv.field_size_limit():,} characters, as if a quotation mark were never closed"
    return f"a quotation mark opens a cell that does not end as CSV asks ({error})"


def _names(cells: Sequence[str]) -> list[str]:
    """The names in a header; of several columns without a name, each is called by its number."""
    names = [cell.strip(BLANKS) for cell in cells]
    several = names.count("") > 1
    return [name or str(place) if several else name for place, name in enumerate(names, start=1)]


def _check_names(names: Sequence[str], path: FilePath) -> None:
    twice = named_twice(names)
    if twice:
        raise ValueError(f"The header of {path} holds {twice[0]!r} twice; give each column a name of its own.")


def _chain(first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest
