"""Rows as annotation tools write them, in one form: text, perhaps its words, and labelled spans of characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..text_cutting import Span
from .word_cells import listed, shown

ENDS = {"start": ("start", "start_offset", "startOffset"), "end": ("end", "end_offset", "endOffset")}
LABEL_KEYS = ("label", "labels", "entity", "entity_group", "entity_type", "type", "tag")
SKIPPED_ANSWERS = ("reject", "ignore")


@dataclass
class Task:
    """A row of a tool's export as an object with columns.

    Args:
        row: the columns, with the labelled stretches under "spans" where a tool nests them.
        skipped: why its labels do not count, such as an answer "reject".
        notes: what was passed over.
    """

    row: Mapping[str, Any]
    skipped: str = ""
    notes: list[str] = field(default_factory=list)


def as_task(row: Any, place: str) -> Task:
    """A row of doccano, Label Studio, Prodigy, spaCy, or any table.

    Raises:
        ValueError: it is no object.
    """
    if isinstance(row, list) and len(row) == 2 and isinstance(row[0], str) and isinstance(row[1], Mapping):
        return Task({"text": row[0], **row[1]})  # a text and its annotations, as spaCy's examples are written
    if not isinstance(row, Mapping):
        raise ValueError(f"{place}: {shown(row)} is no object; give columns by name.")
    if isinstance(row.get("data"), Mapping):
        return _label_studio(row, place)
    if row.get("answer") in SKIPPED_ANSWERS:
        return Task(row, skipped=f'answer "{row["answer"]}"')
    return Task(row)


def spans_of(cell: Any, text: str, place: str) -> list[Span]:
    """The labelled stretches in a cell.

    Raises:
        ValueError: one has no whole numbers as its edges, or not exactly one label.
    """
    items = listed(cell, place)
    if not isinstance(items, list):
        raise ValueError(f"{place}: the spans are {shown(cell)}; give a list of objects with start, end and label.")
    return [_span(item, text, f"{place}, span {number}") for number, item in enumerate(items, start=1)]


def _label_studio(row: Mapping[str, Any], place: str) -> Task:
    """The columns of a task and the labels of its first annotation that was not cancelled."""
    found = row.get("annotations") or row.get("completions") or []
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise ValueError(f"{place}: the annotations are {shown(found)}; export the project as JSON, not as JSON-MIN.")
    kept = [item for item in found if not item.get("was_cancelled") and not item.get("skipped")]
    data = dict(row["data"])
    if not kept:
        return Task({**data, "spans": None}, skipped="cancelled annotation" if found else "")
    results = kept[0].get("result") or []
    if not isinstance(results, list) or not all(isinstance(result, Mapping) for result in results):
        raise ValueError(f"{place}: the result is {shown(results)}; export the project as JSON.")
    labelled = [result for result in results if result.get("type") in ("labels", "hypertextlabels", None)]
    notes = ["results that are no labels of text"] * (len(results) - len(labelled))
    notes += ["further annotations of a task, of which the first is read"] * (len(kept) - 1)
    return Task({**data, "spans": [result.get("value") for result in labelled]}, notes=notes)


def _span(item: Any, text: str, place: str) -> Span:
    if isinstance(item, Mapping):
        item = {**item, **item["globalOffsets"]} if isinstance(item.get("globalOffsets"), Mapping) else item
        edges = [next((item[key] for key in keys if key in item), None) for keys in ENDS.values()]
        label = next((item[key] for key in LABEL_KEYS if item.get(key) is not None), None)
        said = item.get("text")
    elif isinstance(item, list | tuple) and len(item) == 3:
        (*edges, label), said = item, None
    else:
        edges, label, said = [], None, None
    label = label[0] if isinstance(label, list) and len(label) == 1 else label
    start, end = (_whole(edge) for edge in edges) if len(edges) == 2 else (None, None)
    if start is None or end is None or not isinstance(label, str) or not label.strip():
        raise ValueError(f"{place}: {shown(item)} is no span; give its start, its end and one label.")
    start, end = _by_text(text, start, end, said)
    return Span(start, end, label.strip())


def _whole(edge: Any) -> int | None:
    if isinstance(edge, bool) or not isinstance(edge, int | float) or edge != edge or abs(edge) > 2**53:
        return None
    return int(edge) if edge == int(edge) else None


def _by_text(text: str, start: int, end: int, said: Any) -> tuple[int, int]:
    """Offsets in characters; those of a browser count an emoji as two, which the covered text shows."""
    if not isinstance(said, str) or text[start:end] == said or start < 0 or text.isascii():
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    before = units[: 2 * start].decode("utf-16-le", "ignore")
    covered = units[2 * start : 2 * end].decode("utf-16-le", "ignore")
    return (len(before), len(before) + len(covered)) if covered == said else (start, end)


def joined(tokens: Sequence[Any], text: Any, place: str) -> tuple[str, list[tuple[int, int]]]:
    """The text of a row whose words are given, and where each word lies in it.

    Args:
        tokens: texts, or objects with "text" and perhaps "start" and "end".
        text: of the row; where it is none, the words with blanks between.
        place: for messages.

    Raises:
        ValueError: a word is not where it says it is in the text.
    """
    given = [item.get("text") if isinstance(item, Mapping) else item for item in tokens]
    words = [word for word in given if isinstance(word, str)]
    if len(words) < len(given):
        raise ValueError(f"{place}: {shown(tokens)} are no words; give texts, or objects with a text.")
    whole = text if isinstance(text, str) else " ".join(words)
    found, start = [], 0
    for item, word in zip(tokens, words, strict=True):
        said = item.get("start") if isinstance(item, Mapping) else None
        start = said if type(said) is int and said >= 0 else whole.find(word, start)
        if start < 0 or whole[start : start + len(word)] != word:
            raise ValueError(f"{place}: the word {word!r} is not in the text where it says; export the text again.")
        if word.strip():  # tools give the blanks and line breaks of a text as words, too
            found.append((start, start + len(word)))
        start += len(word)
    return whole, found
