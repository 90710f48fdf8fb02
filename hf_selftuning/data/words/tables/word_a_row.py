"""Tables that hold a word a row, with a column that numbers the sentences: rows of one sentence are joined."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...rows.plain_text import split_blanks
from ...rows.present_columns import present_columns
from .annotations import Task
from .table_columns import Found
from .word_cells import is_missing

MOST_APART = 2
"""Words in a row of the same sentence, on average, below which sentences that begin again are torn apart."""

MANY_ROWS = 20
"""Rows of one word each from which on they are no sentences, where the column is not named as that of one word."""

SENTENCE_NUMBERS = (
    "sentence #",
    "sentence_id",
    "sentence_number",
    "sentence_no",
    "sentence_idx",
    "sentence_num",
    "sentence_index",
    "sentenceid",
    "sentence id",
    "sentence number",
    "sent_id",
    "sent_no",
    "sent",
    "sentence",
)

ONE_WORD = ("word", "token", "form")

Numbered = tuple[int, Task]


def sentence_column(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The column that numbers sentences, if the table holds a word a row."""
    present = present_columns(rows)
    words = next((name for name in present if name.lower() in ("word", "token", "words", "tokens", "form")), None)
    numbers = next((name for name in present if name.lower() in SENTENCE_NUMBERS), None)
    if words is None or numbers is None or len(rows) < 2:
        return None
    cells = [row.get(words) for row in rows]
    single = all(is_missing(cell) or (isinstance(cell, str | int | float) and " " not in str(cell)) for cell in cells)
    repeated = len({str(row.get(numbers)) for row in rows}) < len(rows)
    return numbers if single and repeated else None


def has_word_a_row(rows: Sequence[Task], found: Found) -> bool:
    """Whether each row holds a word, and its tag where there are tags, though no column numbers the sentences."""
    if found.labels is None and found.text.lower() not in ONE_WORD:
        return False
    named = [name for name in (found.text, found.labels) if name is not None]
    cells = [task.row.get(name) for task in rows for name in named]
    surely = found.text.lower() in ONE_WORD or len(rows) >= MANY_ROWS
    return surely and not found.spans and all(map(_is_one, cells))


def check_parted(rows: Sequence[Task], found: Found, source: str) -> None:
    """Refuse a word a row where nothing tells the sentences apart.

    Raises:
        ValueError: no empty line stands between the rows.
    """
    if rows[0].group == rows[-1].group:
        raise ValueError(
            f"{source}: each row holds one word of {found.text!r}, and nothing tells where a sentence ends; add a "
            "column sentence_id that numbers the sentences, or put empty lines between them."
        )


def _is_one(cell: Any) -> bool:
    return is_missing(cell) or type(cell) is int or (isinstance(cell, str) and len(split_blanks(cell)) == 1)


def is_comment(task: Task) -> bool:
    """Whether a row is a line such as `# language = de` in a table with a word in each row."""
    filled = [cell for cell in task.row.values() if not is_missing(cell)]
    return len(filled) == 1 and str(filled[0]).startswith("# ")


def without_comments(rows: Iterator[Numbered], passed_over: Counter[str]) -> Iterator[Numbered]:
    """The rows that hold a word; comment lines are counted."""
    for number, task in rows:
        if is_comment(task):
            passed_over["comment lines"] += 1
        else:
            yield number, task


def join_rows(rows: Iterator[Numbered], numbers: str | None, found: Found, source: str) -> Iterator[Numbered]:
    """One row a sentence: a sentence goes on while its number stays, or is left empty.

    Args:
        rows: a word each.
        numbers: the column that numbers sentences; None parts them by empty lines.
        found: the columns of words and tags.
        source: for messages.

    Raises:
        ValueError: the rows of a sentence do not stand together, as after sorting or shuffling them.
    """
    sentence: dict[str, list[Any]] = {}
    begun, last, words, began = 0, None, 0, Counter[str]()
    for number, task in rows:
        here = task.group if numbers is None else task.row.get(numbers)
        if sentence and not is_missing(here) and here != last:
            yield begun, Task(sentence)
            sentence = {}
        if not sentence:
            began[str(here)] += 1
        words += 1
        last = last if is_missing(here) else here
        begun = begun if sentence else number
        sentence.setdefault(found.text, []).append(_text(task.row.get(found.text)))
        if found.labels is not None:
            sentence.setdefault(found.labels, []).append(task.row.get(found.labels))
    if sentence:
        yield begun, Task(sentence)
    again = sum(count > 1 for count in began.values())
    if 2 * again > len(began) and MOST_APART * began.total() > words:
        raise ValueError(
            f"{source}: {again:,} of {len(began):,} sentences of {numbers!r} begin again after other ones, so their "
            "words do not stand together; sort the rows by sentence, and by the place of each word in it."
        )


def _text(cell: Any) -> Any:
    return str(cell) if isinstance(cell, int | float) and not is_missing(cell) else cell
