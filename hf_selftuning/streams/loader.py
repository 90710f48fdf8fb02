"""The training loader: labelled and unlabelled datasets as one stream of batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import datasets
import torch
from torch.utils.data import DataLoader

from ..config import SelfTuningConfig
from ..core.step import PLAIN, Stream, Views
from ..core.task import Task
from ..distributed import world_size
from .order import Order, PairSampler, StreamOrder, mix
from .pairs import PairCollator, PairedDataset
from .unlabeled_stream import StreamedExamples


def pair_loader(
    labeled: Any,
    unlabeled: Any,
    *,
    task: Task,
    views: Views,
    collate: Callable[[list[Any]], Any],
    num_classes: int,
    batch: int,
    args: SelfTuningConfig,
) -> tuple[DataLoader, PairSampler]:
    """A loader of pairs and its sampler, not yet shared out over ranks.

    The labelled batches depend on seed and batch size alone, not on the methods and not on the unlabelled set.

    Args:
        labeled: the labelled dataset.
        unlabeled: the unlabelled dataset, a stream among them, or None.
        task: makes views, hides labels.
        views: those wanted of each stream.
        collate: the user's collator.
        num_classes: labels lie below it.
        batch: labelled examples a rank takes in a micro-batch.
        args: seeds, grouping, accumulation, workers.
    """
    seed = args.seed if args.data_seed is None else args.data_seed
    grouped = args.train_sampling_strategy == "group_by_length"
    step, ratio = batch * args.gradient_accumulation_steps * world_size(), args.unlabeled_batch_ratio

    if isinstance(unlabeled, datasets.IterableDataset):
        unlabeled = StreamedExamples(unlabeled)

    def order(dataset: Any, name: str, size: int) -> Order:
        if isinstance(dataset, StreamedExamples):
            return StreamOrder()
        return Order(len(dataset), mix(seed, name), size, task.lengths(dataset) if grouped else None)

    second = None if unlabeled is None else order(unlabeled, "unlabeled", step * ratio)
    sampler = PairSampler(order(labeled, "labeled", step), second, ratio, mix(seed, "views"))
    loader = DataLoader(
        PairedDataset(labeled, unlabeled, task, views, audit=args.audit_pseudo_labels),
        batch_size=batch,
        sampler=sampler,
        collate_fn=PairCollator(collate, task, views, num_classes),
        num_workers=args.dataloader_num_workers,
        pin_memory=args.dataloader_pin_memory,
        persistent_workers=args.dataloader_persistent_workers,
        prefetch_factor=args.dataloader_prefetch_factor,
    )
    return loader, sampler


@dataclass(frozen=True)
class PlainBatches:
    """The labelled data as methods see it before training, see `LabeledBatches`.

    Args:
        labeled: the labelled dataset.
        task: makes the view.
        collate: the user's collator.
        num_classes: labels lie below it.
        size: examples a batch.
        place: puts a batch on the device.
        limit: examples at most; None takes all.
    """

    labeled: Any
    task: Task
    collate: Callable[[list[Any]], Any]
    num_classes: int
    size: int
    place: Callable[[Any], Any]
    limit: int | None = None

    def first(self, count: int) -> "PlainBatches":
        """The same with fewer examples."""
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
