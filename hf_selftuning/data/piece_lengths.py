"""How many pieces the examples of an encoded dataset have."""

from typing import Any

import datasets

from ..core.items import fields_of


def piece_lengths(dataset: Any) -> list[int]:
    """The number of pieces of each example.

    Args:
        dataset: with a column `input_ids`, or of items that have `input_ids`.
    """
    if isinstance(dataset, datasets.Dataset) and "input_ids" in dataset.column_names:
        return [len(ids) for ids in dataset.with_format(None)["input_ids"]]
    return [len((fields_of(dataset[i]) or {})["input_ids"]) for i in range(len(dataset))]


def by_length(dataset: datasets.Dataset) -> list[int]:
    """Indices of an encoded dataset, longest example first, so that batches of an evaluation need little padding."""
    lengths = piece_lengths(dataset)
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])
