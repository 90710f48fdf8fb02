"""The columns of a dataset that returns its rows as they are stored. They decide whether it still needs encoding."""

from typing import Any

import datasets


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
