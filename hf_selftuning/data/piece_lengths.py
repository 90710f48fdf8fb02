"""How many pieces the examples of an encoded dataset have."""

from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..core.items import described, fields_of

COLUMN = "input_ids"
ROWS = 10_000
"""Rows that are read at a time, where a selection of rows has to be copied."""


def piece_lengths(dataset: Any) -> np.ndarray:
    """The number of pieces of each example.

    Args:
        dataset: with a column `input_ids`, or of items that have `input_ids`.

    Raises:
        ValueError: an item has none.
    """
    if not isinstance(dataset, datasets.Dataset) or COLUMN not in dataset.column_names:
        return np.asarray([_length(dataset[i]) for i in range(len(dataset))], np.int32)
    # A table of Arrow has the ends of its lists, so no list is read.
    stored = dataset.select_columns(COLUMN).with_format("arrow")
    lengths = np.empty(len(dataset), np.int32)
    for number, table in enumerate(stored.iter(ROWS)):
        lengths[number * ROWS : number * ROWS + len(table)] = _list_lengths(table[COLUMN])
    return lengths


def _list_lengths(column: pa.ChunkedArray) -> np.ndarray:
    """The length of each list; 0 for a row without one, which the collator refuses later."""
    return pc.list_value_length(column).fill_null(0).to_numpy()


def _length(item: Any) -> int:
    fields = fields_of(item) or {}
    if COLUMN not in fields:
        raise ValueError(
            f"An example consists of {described(item)}, so that its length is not known; let the dataset return "
            "dictionaries with `input_ids`, or leave out train_sampling_strategy='group_by_length'."
        )
    return len(fields[COLUMN])


def by_length(dataset: datasets.Dataset) -> list[int]:
    """Indices of an encoded dataset, longest example first, so that batches of an evaluation need little padding."""
    return np.argsort(-piece_lengths(dataset), kind="stable").tolist()
