"""Records of Argilla 2, as its `to_json` and its `to_datasets` write them."""

from collections.abc import Mapping, Sequence
from typing import Any

ANSWERS = ".responses"
"""What ends the name of the column that `to_datasets` writes for a question."""


def is_argilla(row: Mapping[str, Any]) -> bool:
    """Whether a row is such a record."""
    nested = isinstance(row.get("fields"), Mapping) and ("responses" in row or "suggestions" in row)
    return nested or any(name.endswith(ANSWERS) for name in row if isinstance(name, str))


def argilla_record(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The fields of a record, the answer to each of its questions, and why they do not count; "" if they count.

    Suggestions of a model are no answers, and are not read.
    """
    nested = isinstance(row.get("fields"), Mapping)
    fields = row["fields"] if nested else {name: cell for name, cell in row.items() if "." not in name}
    given = row.get("responses") if nested else _of_columns(row)
    if given is not None and not isinstance(given, Mapping):
        return fields, "responses in another form"
    answers = {name: [*map(_value, cells)] for name, cells in (given or {}).items() if isinstance(cells, Sequence)}
    record = {**fields, **{name: cells[0] if cells else None for name, cells in answers.items()}}
    if any(answer != cells[0] for cells in answers.values() for answer in cells):
        return record, "responses that disagree"
    return record, "the status discarded" if row.get("status") == "discarded" else ""


def _of_columns(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name.removesuffix(ANSWERS): cell for name, cell in row.items() if name.endswith(ANSWERS)}


def _value(response: Any) -> Any:
    return response.get("value", response) if isinstance(response, Mapping) else response
