"""Labelled and unlabelled data as methods see them before training."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Sampler
from tqdm.auto import tqdm

from ..core.items import fields_of, with_fields
from ..core.step import PLAIN, Stream, Views
from ..core.task import Task
from .order import Index, place_type
from .pairs import PairCollator, PairedDataset


@dataclass(frozen=True)
class Blinded:
    """A dataset whose examples have lost their labels."""

    dataset: Any
    task: Task

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        item = self.dataset[index]
        fields = fields_of(item)
        return item if fields is None else with_fields(item, self.task.blind(fields))


class Places(Sampler[Index]):
    """Yields examples without companions, at the given places; a list of such indices would take 100 bytes for each.

    Args:
        places: of the examples in their dataset.
    """

    def __init__(self, places: np.ndarray) -> None:
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Index]:
        return ((int(place), (), int(place)) for place in self.places)


@dataclass(frozen=True)
class PlainBatches:
    """Batches of a dataset in the plain view, which is not random; see `LabeledBatches`.

    The order is always the same. It is shuffled unless `by_length` sorts it.

    Args:
        dataset: the labelled dataset, or the unlabelled one.
        task: makes the view.
        collate: the user's collator.
        num_classes: number of classes; labels must be smaller.
        size: number of examples in a batch.
        place: moves a batch to the device.
        only: places of the examples that are read; None reads all.
        limit: largest number of examples; None takes all.
        part: number of this part and number of parts: of all examples in the order, every so-manyth from there on.
        hidden: whether the examples lose their labels; their rows then have placeholders.
        progress: text of a progress bar; None shows none.
        by_length: whether examples of similar length share a batch, where the lengths differ.
    """

    dataset: Any
    task: Task
    collate: Callable[[list[Any]], Any]
    num_classes: int
    size: int
    place: Callable[[Any], Any]
    only: np.ndarray | None = None
    limit: int | None = None
    part: tuple[int, int] = (0, 1)
    hidden: bool = False
    progress: str | None = None
    by_length: bool = False

    def _order(self) -> np.ndarray:
        """The place of each example in the dataset, in the order in which they are read."""
        lengths = self._lengths() if self.by_length else None
        if lengths is None:
            # A dataset may be sorted by class, and `first` takes the beginning of this order.
            order = torch.randperm(len(self.dataset), generator=torch.Generator().manual_seed(0)).numpy()
        else:
            # The longest first, so that a batch which does not fit into memory fails at once and not after an hour.
            order = np.argsort(-np.asarray(lengths), kind="stable")
        if self.only is not None:
            order = order[np.isin(order, self.only)]
        first, parts = self.part
        return order[: self.limit][first::parts].astype(place_type(len(self.dataset)))

    def _lengths(self) -> Sequence[int] | np.ndarray | None:
        try:
            return self.task.lengths(self.dataset)
        except ValueError:
            return None  # items of a script's own kind do not tell their length, and the order only saves padding

    @property
    def fewer(self) -> int:
        """How many batches less this part has than the first one, which has the most."""
        first, parts = self.part
        size = len(self.dataset) if self.only is None else len(self.only)
        count = size if self.limit is None else min(self.limit, size)
        # -(-a // b) is a / b rounded up, and a // -b is minus that number.
        largest, own = (-(-max(0, count - start) // parts) for start in (0, first))
        return -(-largest // self.size) + own // -self.size

    def first(self, count: int) -> "PlainBatches":
        """The same batches, but only of the first `count` examples in the order."""
        return replace(self, limit=count)

    def __iter__(self) -> Iterator[Stream]:
        views = Views((PLAIN,))
        examples = Blinded(self.dataset, self.task) if self.hidden else self.dataset
        loader = DataLoader(
            PairedDataset(examples, None, self.task, views),
            batch_size=self.size,
            sampler=Places(self._order()),
            collate_fn=PairCollator(self.collate, self.task, views, self.num_classes),
        )
        for batch in tqdm(loader, desc=self.progress, disable=self.progress is None):
            part = self.place(batch)["labeled"]
            yield Stream.of({**part, "weight": 1 / max(1, part["count"])})
