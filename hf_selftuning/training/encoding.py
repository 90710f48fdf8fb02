"""Whether the trainer encodes a dataset: it does not if the user's own collator may need raw examples."""

from collections.abc import Mapping
from typing import Any

from ..core.task import Task, Use


def may_read_raw(collator: Any) -> bool:
    """Whether a collator is the user's own, which may encode raw examples itself; those of transformers cannot."""
    return collator is not None and not str(getattr(collator, "__module__", "")).startswith("transformers.")


def encoded(task: Task, dataset: Any, use: Use) -> Any:
    """A dataset encoded for the model; a dictionary of evaluation sets is encoded set by set."""
    if isinstance(dataset, Mapping) and use == "evaluated":
        return {name: task.encode(part, use) for name, part in dataset.items()}
    return task.encode(dataset, use)
