"""The columns of a dataset whose rows come as they are stored, which decide whether it is still to be encoded."""

from typing import Any

import datasets


def raw_columns(dataset: Any) -> list[str]:
    """Columns of a `datasets.Dataset` or `datasets.IterableDataset` without a transform.

    A dataset with a transform (`set_transform`, `with_transform`) or of another library encodes its rows itself; it
    has no raw column here.
    """
    if isinstance(dataset, datasets.IterableDataset):
        # A stream of unknown features tells its columns only by its first example.
        return list(dataset.column_names or next(iter(dataset), {}))
    if isinstance(dataset, datasets.Dataset) and dataset.format["type"] != "custom":
        return list(dataset.column_names)
    return []
