"""The labelled data as methods see them before training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils.data import DataLoader

from ..core.step import PLAIN, Stream, Views
from ..core.task import Task
from .pairs import PairCollator, PairedDataset


@dataclass(frozen=True)
class PlainBatches:
    """Batches of the labelled data in the plain view, which is not random; see `LabeledBatches`.

    The order is shuffled, and always the same.

    Args:
        labeled: the labelled dataset.
        task: makes the view.
        collate: the user's collator.
        num_classes: number of classes; labels must be smaller.
        size: number of examples in a batch.
        place: moves a batch to the device.
        limit: largest number of examples; None takes all.
    """

    labeled: Any
    task: Task
    collate: Callable[[list[Any]], Any]
    num_classes: int
    size: int
    place: Callable[[Any], Any]
    limit: int | None = None

    def first(self, count: int) -> "PlainBatches":
        """The same batches, but only of the first `count` examples in the order."""
        return replace(self, limit=count)

    def __iter__(self) -> Iterator[Stream]:
        views = Views((PLAIN,))
        order = torch.randperm(len(self.labeled), generator=torch.Generator().manual_seed(0)).tolist()
        loader = DataLoader(
            PairedDataset(self.labeled, None, self.task, views),
            batch_size=self.size,
            sampler=[(i, (), i) for i in order[: self.limit]],
            collate_fn=PairCollator(self.collate, self.task, views, self.num_classes),
        )
        for batch in loader:
            part = self.place(batch)["labeled"]
            yield Stream(part["views"], part.get("rows"), part["labels"], 1 / max(1, part["count"]))
