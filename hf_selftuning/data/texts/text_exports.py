"""Rows as annotation tools and pairs of values write them, in one form: an object with a text and a class."""

from collections.abc import Mapping
from typing import Any

SKIPPED_ANSWERS = ("reject", "ignore")


def as_record(row: Any, place: str) -> tuple[Mapping[str, Any], str]:
    """The columns of a row, and why its class does not count, such as an answer "reject"; "" if it counts.

    Args:
        row: an object, or a list of a text and its class.
        place: for messages.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(row, list | tuple) and len(row) == 2 and all(isinstance(cell, str | int) for cell in row):
        return {"text": row[0], "label": row[1]}, ""
    if not isinstance(row, Mapping):
        raise ValueError(f"{place}: {str(row)[:60]!r} is no object; give columns by name, or pairs of text and class.")
    if isinstance(row.get("data"), Mapping):
        return _label_studio(row)
    if row.get("answer") in SKIPPED_ANSWERS and ("label" in row or "accept" in row):
        return row, f'answer "{row["answer"]}"'
    return row, ""


def _label_studio(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The columns of a task, and the choice of its first annotation that was not cancelled."""
    found = row.get("annotations") or row.get("completions") or []
    given = [item for item in found if isinstance(item, Mapping)]
    kept = [item for item in given if not item.get("was_cancelled") and not item.get("skipped")]
    results = (kept[0].get("result") or []) if kept else []
    chosen = [
        choice
        for result in results
        if isinstance(result, Mapping) and isinstance(result.get("value"), Mapping)
        for choice in result["value"].get("choices") or []
    ]
    return {**row["data"], "label": chosen or None}, "cancelled annotation" if given and not kept else ""
