"""The training loader: labelled and unlabelled datasets as one stream of batches."""

from collections.abc import Callable
from typing import Any

import datasets
from torch.utils.data import DataLoader, Sampler

from ..config import SelfTuningConfig
from ..core.step import Views
from ..core.task import Task
from .order import Order, PairSampler, SampledOrder, StreamOrder
from .pairs import PairCollator, PairedDataset
from .seeds import mix
from .soft_labels import SoftLabels
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
    sampler: PairSampler,
    own_loss: bool = False,
    taught: SoftLabels | None = None,
) -> DataLoader:
    """Make a loader of pairs. Afterwards, Accelerate divides the batches among the ranks.

    Args:
        labeled: the labelled dataset.
        unlabeled: the unlabelled dataset, which may be a `datasets.IterableDataset`, or None.
        task: makes views and hides labels.
        views: the views of each stream that the losses need.
        collate: the user's collator.
        num_classes: number of classes; labels lie in [0, num_classes).
        batch: labelled examples in a micro-batch on one rank.
        args: the training arguments: seeds, workers.
        sampler: the order of both streams.
        own_loss: see `PairCollator`.
        taught: see `PairedDataset`.
    """
    if isinstance(unlabeled, datasets.IterableDataset):
        unlabeled = StreamedExamples(unlabeled)
    seed = mix(_seed(args), "views")
    return DataLoader(
        PairedDataset(labeled, unlabeled, task, views, audit=args.audit_pseudo_labels, taught=taught, seed=seed),
        # For one rank: Accelerate deals the batches of this loader out to the ranks in turn.
        batch_size=batch,
        sampler=sampler,
        collate_fn=PairCollator(collate, task, views, num_classes, own_loss=own_loss),
        num_workers=args.dataloader_num_workers,
        pin_memory=args.dataloader_pin_memory,
        persistent_workers=args.dataloader_persistent_workers,
        prefetch_factor=args.dataloader_prefetch_factor,
        multiprocessing_context=args.dataloader_multiprocessing_context,
        in_order=args.dataloader_in_order,
    )


def pair_sampler(
    labeled: Any,
    unlabeled: Any,
    step: int,
    *,
    task: Task,
    args: SelfTuningConfig,
    own_sampler: Sampler[int] | None = None,
) -> PairSampler:
    """The order of both streams.

    The labelled batches depend on seed and batch size alone. Neither the methods nor the unlabelled set change them,
    so that fine-tuning and every method see the same labels in the same order.

    Args:
        labeled: the labelled dataset.
        unlabeled: the unlabelled dataset, which may be a `datasets.IterableDataset`, or None.
        step: labelled examples in an optimizer step. The order is made of steps, so that other numbers of ranks and
            micro-batches see the same examples in a step.
        task: knows the lengths of examples.
        args: the training arguments: seeds, grouping by length.
        own_sampler: the script's own order of the labelled examples; None shuffles them.
    """
    seed, ratio = _seed(args), args.unlabeled_batch_ratio

    def order(dataset: Any, name: str, size: int) -> Order:
        lengths = task.lengths(dataset) if args.train_sampling_strategy == "group_by_length" else None
        shuffle = args.train_sampling_strategy != "sequential"
        # Each stream has a seed of its own, so that the unlabelled set cannot change the labelled order.
        return Order(len(dataset), mix(seed, name), size, lengths, shuffle=shuffle)

    if own_sampler is not None:
        first: Order = SampledOrder(own_sampler, mix(seed, "labeled"), step)
    else:
        first = order(labeled, "labeled", step)
    if isinstance(unlabeled, datasets.IterableDataset):
        second: Order | None = StreamOrder()
    else:
        second = None if unlabeled is None else order(unlabeled, "unlabeled", step * ratio)
    return PairSampler(first, second, ratio)


def _seed(args: SelfTuningConfig) -> int:
    """The seed of the data."""
    return args.seed if args.data_seed is None else args.data_seed
