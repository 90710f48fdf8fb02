"""Lines of a column file to rows of columns: tabs or blanks between them, comments, document starts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...rows.file_text import FilePath
from ...rows.plain_text import lines_of
from ..tag_schemes import looks_like_tag

DOCUMENT_START = "-DOCSTART-"
MOST_VALUES = 5000

Row = tuple[int, list[str]]


class RaggedError(ValueError):
    """A line has another number of columns than most."""


@dataclass
class ColumnText:
    """A column file whose separator is known.

    Args:
        tabs: columns are apart by single tabs, so that a word may hold blanks; else by blanks and tabs of any number.
        width: columns of most lines.
        first_width: columns of the first line.
        last: what the last column holds in lines that begin with no "#".
    """

    text: str
    path: FilePath
    tabs: bool = False
    width: int = 0
    first_width: int = 0
    last: set[str] = field(default_factory=set)

    def rows(self, passed_over: Counter[str] | None = None) -> Iterator[Row]:
        """Line numbers and columns; blank lines and document starts have no columns, comments are left out.

        Raises:
            RaggedError: a line has another number of columns than most.
        """
        counts: Counter[str] = Counter() if passed_over is None else passed_over
        for line, content in lines_of(self.text):
            columns = self.columns(content)
            if DOCUMENT_START in columns[:2]:
                counts["document starts"] += 1
                yield line, []
            elif content.startswith("#") and self._is_comment(columns):
                counts["comment lines"] += 1
            else:
                if columns and len(columns) != self.width:
                    raise RaggedError(self._ragged(line, columns))
                yield line, columns

    def columns(self, line: str) -> list[str]:
        """The columns of a line; none of a line of white space."""
        return split_columns(line, tabs=self.tabs)

    def _is_comment(self, columns: list[str]) -> bool:
        """Whether a line that begins with # is no word: other columns than the rest, or no tag of theirs."""
        if len(columns) != self.width:
            return True
        return self.width > 1 and columns[-1] not in self.last and not looks_like_tag(columns[-1])

    def _ragged(self, line: int, columns: list[str]) -> str:
        where = "the first line has" if self.width == self.first_width else "most lines have"
        return (
            f"{self.path}, line {line}: {len(columns)} columns where {where} {self.width}; give every word the same "
            f"columns. The line is {' '.join(columns)[:60]!r}: columns may have run together, or a word may hold a "
            "blank."
        )


def split_columns(line: str, *, tabs: bool) -> list[str]:
    """The columns of a line; a no-break space parts nothing, as it may be in a word."""
    if not line.strip():
        return []
    if tabs:
        return [column.strip(" ") for column in line.rstrip(" ").split("\t")]
    columns = line.replace("\t", " ").split(" ")
    return [column for column in columns if column] if "" in columns else columns


def column_text(text: str, path: FilePath) -> ColumnText:
    """Find out whether tabs or blanks part the columns, and how many there are."""
    blanks, tabs = _widths(text)
    # Tabs alone part columns where that makes the lines more alike than blanks do.
    by_tabs = _share(tabs) > _share(blanks) and max(tabs, key=lambda width: tabs[width]) > 1
    widths = tabs if by_tabs else blanks
    first = next(iter(widths), 0)
    most = max(widths.values(), default=0)
    width = first if widths.get(first, 0) == most else next((size for size in widths if widths[size] == most), 0)
    found = ColumnText(text, path, by_tabs, width, first)
    if "#" in text:
        _see_last(found)
    return found


def _see_last(found: ColumnText) -> None:
    for _, line in lines_of(found.text):
        if not line.startswith("#") and len(found.last) < MOST_VALUES:
            columns = found.columns(line)
            if columns and len(columns) == found.width and DOCUMENT_START not in columns[:2]:
                found.last.add(columns[-1])


def _widths(text: str) -> tuple[Counter[int], Counter[int]]:
    """How many lines have so many columns, by blanks and by tabs; those of comments where there is nothing else."""
    words: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    hashes: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for _, line in lines_of(text):
        columns = split_columns(line, tabs=False)
        if columns and DOCUMENT_START not in columns[:2]:
            blanks, tabs = hashes if line.startswith("#") else words
            blanks[len(columns)] += 1
            tabs[line.count("\t") + 1] += 1
    return words if words[0] else hashes


def _share(widths: Counter[int]) -> float:
    return max(widths.values()) / widths.total() if widths else 0.0
