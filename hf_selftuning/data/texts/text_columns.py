"""Which columns of a table hold the texts and their classes: named, known by name, or the only ones that fit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..rows.label_cells import NoLabelsError, check_one_column, is_span_object
from ..rows.named_files import told_files
from ..rows.plain_text import BLANKS
from ..rows.plain_text import shown_names as shown
from ..rows.present_columns import column_named, present_columns, repeats

SEVERAL_TEXTS = ("patterns", "utterances", "examples", "phrases", "texts", "queries", "questions")
"""Columns whose lists hold texts of their own, as files of chatbots have them; other lists are one text each."""
TEXTS = ("text", "sentence", "sentences", "content", "document", "utterance", "query", "question", "review",
         "review_text", "comment", "message", "tweet", "post", "body", "description", "title", "headline", "abstract",
         "input", "sms", "email", "ticket", "complaint", "statement", "prompt", *SEVERAL_TEXTS)  # fmt: skip
FIRST = ("text", "texts")
"""Names that count before all others."""
PAIRS = (("sentence1", "sentence2"), ("premise", "hypothesis"), ("question1", "question2"), ("text1", "text2"),
         ("text_a", "text_b"), ("text", "text_pair"), ("question", "sentence"), ("query", "passage"))  # fmt: skip
"""The columns of two texts that are classified together."""
LABELS = ("label_text", "label_name", "gold_label", "label", "labels", "class", "class_name", "category", "intent",
          "target", "topic", "sentiment", "tag", "y", "rating", "stars", "emotion", "genre", "accept")  # fmt: skip
CERTAIN = LABELS[:5]
"""Names that count before all others; the first two hold the names behind the numbers of the others."""
OTHERS = ("id", "idx", "index", "guid", "uid", "uuid", "split", "source", "answer", "meta", "fold")
"""Names of columns that hold neither texts nor classes."""
KNOWN = (*TEXTS, *(name for pair in PAIRS for name in pair), *LABELS)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class TextColumns:
    """Where a source keeps its texts and their classes.

    Args:
        text: the column of the texts, or the two columns of a pair, by name or by number from 1; None finds it.
        label: the column of the classes, likewise.
        class_names: the names behind labels that are integers, by index.
        augmented: columns of other wordings of the text.
    """

    text: Sequence[str] | None = None
    label: str | None = None
    class_names: Sequence[str] | None = None
    augmented: Sequence[str] = ()


@dataclass(frozen=True)
class Found:
    """The columns of a table.

    Args:
        text: one column, or two of a pair.
        label: None where the table has no classes.
        augmented: those of the wanted columns of other wordings that are there.
    """

    text: tuple[str, ...]
    label: str | None
    augmented: tuple[str, ...] = ()


def known_columns(present: Sequence[str]) -> tuple[str, ...] | None:
    """The column of the texts by its name, or the columns of a pair; None where there is not exactly one choice."""
    names = {name.strip().lower(): name for name in present}
    for pair in PAIRS:
        if all(name in names for name in pair):
            return names[pair[0]], names[pair[1]]
    for name in FIRST:
        if name in names:
            return (names[name],)
    found = [names[name] for name in TEXTS if name in names]
    return (found[0],) if len(found) == 1 else None


def find_columns(rows: Sequence[Record], columns: TextColumns, source: str, *, labeled: bool) -> Found:
    """The columns of texts and classes, by the first rows of a table.

    Args:
        rows: the first ones.
        columns: as far as they are known.
        source: for messages.
        labeled: whether a column of classes must be there.

    Raises:
        ValueError: a named column is missing, or none or several would do.
    """
    present = present_columns(rows)
    augmented = tuple(name for name in columns.augmented if name in present)
    label = None if columns.label is None else column_named(columns.label, present, source, "label_column_name")
    if columns.text is not None:
        text = tuple(column_named(name, present, source, "text_column_name") for name in columns.text)
        if len(text) > 2:
            raise ValueError(
                f"--text_column_name names {len(text)} columns ({', '.join(text)}), and a model reads a text or a "
                "pair of texts; name one column or two."
            )
    else:
        text = _find_text(rows, [name for name in present if name not in (label, *augmented)], source)
        named = told_files([{name: row.get(name) for name in text} for row in rows])
        if named:
            raise ValueError(f"{source}: {named.strip()}")
    label = label or _find_label(rows, [name for name in present if name not in (*text, *augmented)], source, labeled)
    if label is None and labeled:
        raise NoLabelsError(
            f"{source}: there is no column of classes among {shown(present)}; name it by --label_column_name, or "
            "give the file as --unlabeled_file."
        )
    return Found(text, label, augmented)


def _find_text(rows: Sequence[Record], present: Sequence[str], source: str) -> tuple[str, ...]:
    held = [name for name in present if _holds_text(rows, name)]
    known = known_columns(held)
    if known is not None:
        return known
    usual = [name for name in held if name.strip().lower() in TEXTS]
    if not usual:
        usual = _longest(rows, [name for name in held if name.strip().lower() not in (*LABELS, *OTHERS)])
    if len(usual) == 1:
        return (usual[0],)
    if usual:
        raise ValueError(
            f"{source}: the columns {shown(usual)} could all be the texts; name one by --text_column_name, or two to "
            "read them as a pair. If each is a class, write a row for each text, with its class in a column `label`."
        )
    raise ValueError(
        f"{source}: there is no column of texts among {shown(present)} (a file's first line names its columns); name "
        f"it by --text_column_name.{told_files(rows)}"
    )


def _holds_text(rows: Sequence[Record], name: str) -> bool:
    """Whether most filled cells are text with a letter in it, or lists of such texts."""
    filled = [cell for row in rows if (cell := row.get(name)) not in (None, "", [])]
    return 2 * sum(map(_is_text, filled)) > len(filled)


def _is_text(cell: Any) -> bool:
    if isinstance(cell, list):
        return all(isinstance(item, str) for item in cell) and any(map(_is_text, cell))
    return isinstance(cell, str) and any(map(str.isalpha, cell))


def _longest(rows: Sequence[Record], names: Sequence[str]) -> list[str]:
    """The columns whose cells differ and are about as long as the longest ones."""
    lengths: dict[str, float] = {}
    for name in names:
        cells = [str(row.get(name) or "").strip(BLANKS) for row in rows]
        if 2 * len(set(cells)) > len(cells):
            lengths[name] = sum(map(len, cells)) / len(cells)
    most = max(lengths.values(), default=0.0)
    return [name for name, length in lengths.items() if 2 * length > most]


def _find_label(rows: Sequence[Record], present: Sequence[str], source: str, asked: bool) -> str | None:
    names = {name.strip().lower(): name for name in present}
    for name in CERTAIN:
        if name in names:
            return names[name]
    found = [names[name] for name in LABELS if name in names]
    found += [name for name in present if name not in found and _says_label(name) and repeats(rows, name)]
    if not found and not any(_holds_spans(row.get(name)) for row in rows for name in present):
        found = [name for name in present if name.strip().lower() not in OTHERS and repeats(rows, name)]
    if len(found) > 1 and asked:
        check_one_column(rows, found, source)
        raise ValueError(
            f"{source}: the columns {shown(found)} could all be the classes; name one by --label_column_name."
        )
    return found[0] if len(found) == 1 else None


def _says_label(name: str) -> bool:
    words = re.split(r"[\W_\d]+", name.lower())
    return not {"label", "labels", "class", "intent"}.isdisjoint(words) and "id" not in words


def _holds_spans(cell: Any) -> bool:
    """Whether a cell marks places in its text, so that what repeats beside it, such as a status, is no class."""
    items = cell if isinstance(cell, list) else []
    return any(isinstance(item, list | tuple) or is_span_object(item) for item in items)
