"""Rows as annotation tools write them, in one form: text, perhaps its words, and labelled spans of characters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...rows.argilla_records import argilla_record, is_argilla
from ...rows.class_exports import of_parts
from .nested_texts import with_nested_texts
from .row_shapes import columns_of, with_plain_tags
from .word_cells import shown

SKIPPED_ANSWERS = ("reject", "ignore")


@dataclass
class Task:
    """A row of a tool's export as an object with columns.

    Args:
        row: the columns, with the labelled stretches under "spans" where a tool nests them.
        skipped: why its labels do not count, such as an answer "reject".
        notes: what was passed over.
        group: how many empty lines stand before it.
    """

    row: Mapping[str, Any]
    skipped: str = ""
    notes: list[str] = field(default_factory=list)
    group: int = 0


def as_task(row: Any, place: str) -> Task:
    """A row of doccano, Label Studio, Prodigy, spaCy, or any table.

    Raises:
        ValueError: it is no object.
    """
    row = columns_of(row)
    if not isinstance(row, Mapping):
        raise ValueError(f"{place}: {'null' if row is None else shown(row)} is no object; give columns by name.")
    row = with_nested_texts(of_parts(row))
    if isinstance(row.get("data"), Mapping):
        return _label_studio(row, place)
    if is_argilla(row):
        record, skipped = argilla_record(row)
        return Task(record, skipped=skipped)
    if isinstance(row.get("content"), str) and isinstance(row.get("annotation"), list):
        return Task({"text": row["content"], "spans": [*map(_of_dataturks, row["annotation"])]})
    row = with_plain_tags(row, place)
    if row.get("answer") in SKIPPED_ANSWERS:
        return Task(row, skipped=f'answer "{row["answer"]}"')
    return Task(row)


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


def _of_dataturks(item: Any) -> Any:
    """A span of DataTurks, whose end is its last character."""
    points = item.get("points") if isinstance(item, Mapping) else None
    if not isinstance(points, list) or len(points) != 1 or not isinstance(points[0], Mapping):
        return item
    end = points[0].get("end")
    return {**points[0], "end": end + 1 if type(end) is int else end, "label": item.get("label")}


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
