"""Records whose cells are apart by tabs: quotation marks may be signs of the text, or stand around a cell."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from .plain_text import BLANKS, lines_of

MOST_JOINED = 100
"""Lines that may be one cell between tabs."""


def tab_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The last line and the cells of each record, apart by tabs."""
    width, lines, ahead = 0, lines_of(text), deque[tuple[int, str]]()
    while (here := ahead.popleft() if ahead else next(lines, None)) is not None:
        line, content = here
        cells = content.split("\t") if content.strip(BLANKS) else []
        width = width or len(cells)
        if cells and cells[-1].startswith('"') and cells[-1].count('"') % 2:
            ahead.extend(islice(lines, MOST_JOINED - len(ahead)))
            more, cells = _with_line_breaks(cells, ahead, width)
            line += more
            for _ in range(more):
                ahead.popleft()
        yield line, [_unquoted(cell) for cell in cells]


def _with_line_breaks(cells: list[str], ahead: Sequence[tuple[int, str]], width: int) -> tuple[int, list[str]]:
    """How many of the lines ahead belong to a record whose last cell opens a quotation mark, and its cells with them.

    If the joined lines do not have as many cells as the first line, the quotation mark is a sign of the text.
    """
    found, count = [*cells], 0
    while found[-1].startswith('"') and found[-1].count('"') % 2:
        if count == len(ahead) or len(found) > width:
            return 0, cells
        first, *rest = ahead[count][1].split("\t")
        found, count = [*found[:-1], f"{found[-1]}\n{first}", *rest], count + 1
    return (count, found) if len(found) == width else (0, cells)


def _unquoted(cell: str) -> str:
    """A cell apart by tabs: quotes around it go where those inside are doubled, as a writer of CSV leaves it."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell
