"""Whether an unlabelled set has real labels, which the trainer hides from every loss."""

import logging
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc

from ..core.task import IGNORED, LABEL_COLUMNS

logger = logging.getLogger(__name__)
TAG_COLUMNS = ("ner_tags", "tags")
NO_LABEL = {None, IGNORED, -1, 0}
"""What a column holds where there is no label. 0 is the placeholder that shows a collator where words begin."""


def report_hidden_labels(unlabeled: Any) -> None:
    """Log that the labels of an unlabelled set are hidden, if any of them is more than a placeholder.

    Args:
        unlabeled: the set as the user gave it, before the trainer encodes it and adds placeholders of its own.
    """
    columns = getattr(unlabeled, "column_names", None) or ()
    found = [name for name in (*LABEL_COLUMNS, *TAG_COLUMNS) if name in columns and _holds_labels(unlabeled, name)]
    if found:
        logger.warning(
            "The column %r of the unlabelled set is hidden before any loss sees it: no label in it is read.", found[0]
        )


def _holds_labels(dataset: Any, column: str) -> bool:
    # A stream is not read for this, because its examples may come slowly.
    if not isinstance(dataset, datasets.Dataset):
        return True
    # As it is stored: a transform would open every image.
    stored = dataset.select_columns(column).with_format("arrow")
    return any(_has_label(batch[column]) for batch in stored.iter(10_000))


def _has_label(values: pa.ChunkedArray) -> bool:
    # The tags of a sentence are a list, and other columns may be nested deeper.
    while pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        values = pc.list_flatten(values)
    return pa.types.is_nested(values.type) or bool(set(pc.unique(values).to_pylist()) - NO_LABEL)
