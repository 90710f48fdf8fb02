"""Rows as annotation tools and pairs of values write them, in one form: an object with a text and a class."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from .argilla_records import ANSWERS, argilla_record, is_argilla

EXPORTED = {"data", "fields", "answer", "cats"}
"""Columns that annotation tools write, of which some are read in a way of their own."""
SKIPPED_ANSWERS = ("reject", "ignore")
PART_TYPES = ("slot_name", "entity", "alias")
"""Keys of the type of an entity in a part of a text."""


def class_first(rows: Sequence[Any]) -> bool:
    """Whether the first value of all rows is the class, and the text is the second.

    Args:
        rows: the first ones; lists of two values, or anything else.
    """
    if not rows or not all(isinstance(row, list | tuple) and len(row) == 2 and _are_plain(row) for row in rows):
        return False
    first, second = ({str(row[place]) for row in rows} for place in (0, 1))
    return 1 < len(first) <= len(rows) / 2 and len(first) < len(second) and any(" " in text for text in second)


def as_record(row: Any, place: str, *, turned: bool = False) -> tuple[Mapping[str, Any], str]:
    """The columns of a row, and why its class does not count, such as an answer "reject"; "" if it counts.

    Args:
        row: an object, or a list of a text and its class.
        place: for messages.
        turned: the class stands first in a list.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(row, dict) and not _are_of_exports(tuple(row)):
        return row, ""
    if isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], str) and isinstance(row[1], Mapping):
        row = {"text": row[0], **row[1]}  # a text and its annotations, as spaCy's examples are written
    if isinstance(row, list | tuple) and len(row) == 2 and _are_plain(row):
        return {"text": row[turned], "label": row[not turned]}, ""
    if not isinstance(row, Mapping):
        shown = "null" if row is None else repr(str(row)[:60])
        raise ValueError(f"{place}: {shown} is no object; give columns by name, or pairs of text and class.")
    row = of_parts(row)
    if isinstance(row.get("data"), Mapping):
        return _label_studio(row, place)
    if is_argilla(row):
        return argilla_record(row)
    if row.get("answer") in SKIPPED_ANSWERS and ("label" in row or "accept" in row):
        return row, f'answer "{row["answer"]}"'
    if isinstance(row.get("cats"), Mapping) and not {"label", "labels"} & row.keys():
        return {**row, "label": _of_spacy(row["cats"])}, ""
    return row, ""


@lru_cache(maxsize=16)  # the rows of a table have the same columns
def _are_of_exports(names: tuple[Any, ...]) -> bool:
    """Whether columns are such as annotation tools write."""
    return not EXPORTED.isdisjoint(names) or any(name.endswith(ANSWERS) for name in names if isinstance(name, str))


def _are_plain(row: Sequence[Any]) -> bool:
    return all(isinstance(cell, str | int) for cell in row)


def _of_spacy(shares: Mapping[str, Any]) -> list[str] | None:
    """The classes whose share is one half or more, of spaCy's share of each class."""
    return [name for name, share in shares.items() if isinstance(share, int | float) and share >= 0.5] or None


def _label_studio(row: Mapping[str, Any], place: str) -> tuple[Mapping[str, Any], str]:
    """The columns of a task, and the choice of its annotations that were not cancelled, if they agree."""
    given = _objects(row.get("annotations") or row.get("completions") or [], "annotations are", place)
    kept = [item for item in given if not item.get("was_cancelled") and not item.get("skipped")]
    results = (_objects(item.get("result") or [], "result is", place) for item in kept)
    chosen = [choices for result in results if (choices := _choices(result))]
    skipped = "cancelled annotation" if given and not kept else ""
    if any(set(map(str, choices)) != set(map(str, chosen[0])) for choices in chosen):
        skipped = "annotations that disagree"
    return {**row["data"], "label": chosen[0] if chosen else None}, skipped


def _objects(found: Any, name: str, place: str) -> list[Mapping[str, Any]]:
    """The objects of a list.

    Raises:
        ValueError: it is no list.
    """
    if not isinstance(found, list):
        raise ValueError(f"{place}: the {name} {str(found)[:60]!r}, and no list; export the project as JSON.")
    return [item for item in found if isinstance(item, Mapping)]


def of_parts(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with the text and the spans of its parts, as Dialogflow and Snips write them; any other row as it is."""
    parts = row.get("data")
    if not isinstance(parts, list) or not parts or "text" in row or not all(map(_is_part, parts)):
        return row
    text, spans = "", list[dict[str, Any]]()
    for part in parts:
        label = next((part[key] for key in PART_TYPES if part.get(key)), None)
        if label is not None:
            spans.append({"start": len(text), "end": len(text) + len(part["text"]), "label": label})
        text += part["text"]
    return {**{key: cell for key, cell in row.items() if key != "data"}, "text": text, "spans": spans}


def _is_part(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str)


def _choices(results: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What one person chose, or the stars that the person gave."""
    values = [result["value"] for result in results if isinstance(result.get("value"), Mapping)]
    given = [value.get("choices") or ([value["rating"]] if "rating" in value else []) for value in values]
    return [choice for choices in given for choice in (choices if isinstance(choices, list) else [choices])]
