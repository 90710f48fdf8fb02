"""The columns of a dataset that returns its rows as they are stored. They decide whether it still needs encoding."""

from typing import Any

import datasets

ONLY_DATASETS = "the trainer encodes rows of a datasets.Dataset alone; make one by datasets.Dataset.from_list(rows)"
"""What to do about rows of another kind, such as a list or a torch dataset, that are not encoded."""


def raw_columns(dataset: Any) -> list[str]:
    """Columns of a `datasets.Dataset` or `datasets.IterableDataset` without a transform.

    A dataset with a transform (`set_transform`, `with_transform`), or of another library, encodes its rows itself. It
    has no raw columns.
    """
    if isinstance(dataset, datasets.IterableDataset):
        # A stream of unknown features shows its columns only in its first example.
        return list(dataset.column_names or next(iter(dataset), {}))
    if isinstance(dataset, datasets.Dataset) and dataset.format["type"] != "custom":
        return list(dataset.column_names)
    return []
