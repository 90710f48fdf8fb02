"""Tables that hold a word a row, with a column that numbers the sentences: rows of one sentence are joined."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .annotations import Task
from .table_columns import Found
from .word_cells import is_missing

SENTENCE_NUMBERS = (
    "sentence #",
    "sentence_id",
    "sentence_number",
    "sentence_no",
    "sentence_idx",
    "sent_id",
    "sent",
    "sentence",
)

Numbered = tuple[int, Task]


def sentence_column(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The column that numbers sentences, if the table holds a word a row."""
    present = list(dict.fromkeys(str(name) for row in rows for name in row))
    words = next((name for name in present if name.lower() in ("word", "token", "words", "tokens", "form")), None)
    numbers = next((name for name in present if name.lower() in SENTENCE_NUMBERS), None)
    if words is None or numbers is None or len(rows) < 2:
        return None
    cells = [row.get(words) for row in rows]
    single = all(is_missing(cell) or (isinstance(cell, str | int | float) and " " not in str(cell)) for cell in cells)
    repeated = len({str(row.get(numbers)) for row in rows}) < len(rows)
    return numbers if single and repeated else None


def join_rows(rows: Iterator[Numbered], numbers: str, found: Found) -> Iterator[Numbered]:
    """One row a sentence: a sentence goes on while its number stays, or is left empty."""
    sentence: dict[str, list[Any]] = {}
    begun, last = 0, None
    for number, task in rows:
        here = task.row.get(numbers)
        if sentence and not is_missing(here) and here != last:
            yield begun, Task(sentence)
            sentence = {}
        last = last if is_missing(here) else here
        begun = begun if sentence else number
        sentence.setdefault(found.text, []).append(_text(task.row.get(found.text)))
        if found.labels is not None:
            sentence.setdefault(found.labels, []).append(task.row.get(found.labels))
    if sentence:
        yield begun, Task(sentence)


def _text(cell: Any) -> Any:
    return str(cell) if isinstance(cell, int | float) and not is_missing(cell) else cell
