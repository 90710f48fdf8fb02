"""Rows of a CSV or TSV file by the rules of CSV: a header, a delimiter found in it, quotes, line breaks in quotes."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from .file_text import FilePath
from .plain_text import BLANKS, lines_of

DELIMITERS = ",;\t|"

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
    first = next((line for _, line in lines_of(text) if line.strip(BLANKS)), "")
    delimiter = find_delimiter(first, known)
    records = _records(text, path, delimiter)
    number_of_first, cells = next(records, (1, []))
    names = [cell.strip(BLANKS) for cell in cells] if header else [str(i + 1) for i in range(len(cells))]
    _check_names(names, path)
    rows = records if header else _chain((number_of_first, cells), records)
    for number, (line, row) in enumerate(rows, start=1):
        if len(row) > len(names):
            raise ValueError(
                f"{path}, line {line}: {len(row)} cells where the header has {len(names)} ({', '.join(names)}); put "
                f"quotation marks around cells that hold {delimiter!r}, or write JSON lines."
            )
        yield number, dict(zip(names, [*row, *[None] * (len(names) - len(row))], strict=True)) if row else {}


def find_delimiter(header: str, known: Sequence[str]) -> str:
    """The delimiter under which the header holds the most known names, then the most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        names = [name.strip(BLANKS + '"').lower() for name in header.split(delimiter)]
        return sum(name in known for name in names), len(names)

    return max(DELIMITERS, key=score)


def _records(text: str, path: FilePath, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record ends, and its cells; lines of blanks are records without cells."""
    if delimiter == "\t":
        for line, content in lines_of(text):
            yield line, [_unquoted(cell) for cell in content.split("\t")] if content.strip(BLANKS) else []
        return
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


def _explained(error: str) -> str:
    if "field larger" in error:
        return f"a cell is larger than {csv.field_size_limit():,} characters, as if a quotation mark were never closed"
    return f"a quotation mark opens a cell that does not end as CSV asks ({error})"


def _unquoted(cell: str) -> str:
    """A cell apart by tabs: quotes around it go where those inside are doubled, as a writer of CSV leaves it."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def _check_names(names: Sequence[str], path: FilePath) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"The header of {path} holds {twice[0]!r} twice; give each column a name of its own.")


def _chain(first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest
