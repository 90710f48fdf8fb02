"""Checks of the trainer's datasets before training. Each error says what to do."""

from collections.abc import Mapping, Sequence, Sized
from pathlib import Path
from typing import Any

import datasets
from torch.utils.data import IterableDataset

from ..core.method import Method
from ..streams.unlabeled_stream import comes_by_chance

TABLES = ("pandas", "polars", "arrow")
"""Formats of a `datasets.Dataset` in which an example is a table of one row."""


def check_datasets(labeled: Any, unlabeled: Any, methods: Sequence[Method], batch: int) -> None:
    """Refuse datasets that cannot be trained on together.

    Args:
        labeled: the labelled dataset.
        unlabeled: the unlabelled dataset or None.
        methods: those that will train.
        batch: unlabelled examples of an optimizer step.
    """
    if labeled is None:
        raise ValueError("Training needs train_dataset=, the labelled examples.")
    _check_kind("train_dataset", labeled)
    if len(labeled) == 0:
        raise ValueError("train_dataset is empty, and training starts from labels; label some examples first.")
    needing = [type(method).__name__ for method in methods if method.needs_unlabeled]
    if unlabeled is None and needing:
        raise ValueError(f"{', '.join(needing)} learns from unlabelled data; pass unlabeled_dataset=.")
    if isinstance(unlabeled, datasets.IterableDataset):
        _check_stream(unlabeled)
    elif unlabeled is not None:
        _check_kind("unlabeled_dataset", unlabeled)
        _check_size(len(unlabeled), batch)


def _check_kind(name: str, dataset: Any) -> None:
    """Refuse a stream without a length, a dictionary of parts, and what holds no examples."""
    way = _way_out(dataset)
    if way:
        kind = type(dataset).__name__
        raise ValueError(f"{name} is a {kind} whose items are no examples, which are dictionaries by column; {way}.")
    if isinstance(dataset, IterableDataset) or not isinstance(dataset, Sized):
        raise ValueError(
            f"{name} is a stream without a length, from which training cannot be resumed exactly; load it as a "
            "map-style dataset (datasets.load_dataset without streaming=True), or, for the unlabelled examples, "
            "as a datasets.IterableDataset."
        )
    if isinstance(dataset, Mapping):
        raise ValueError(
            f"{name} is a dictionary of {', '.join(map(str, dataset))}; pass one of them, such as data['train']."
        )


def _way_out(dataset: Any) -> str | None:
    """How to make examples of what returns none; None for a dataset."""
    if isinstance(dataset, str | Path):
        return "load it first, as by datasets.load_dataset"
    if hasattr(dataset, "iloc"):
        return "convert it by datasets.Dataset.from_pandas"
    if isinstance(dataset, datasets.Dataset) and dataset.format["type"] in TABLES:
        return f"take its format {dataset.format['type']!r} off by with_format(None)"
    if type(dataset) is list and dataset and isinstance(dataset[0], str):
        return "give the texts a column, as by datasets.Dataset.from_dict({'text': texts})"
    return None


def _check_stream(stream: datasets.IterableDataset) -> None:
    """Refuse a stream whose examples have no fixed position."""
    if comes_by_chance(stream):
        raise ValueError(
            "unlabeled_dataset is a stream that was shuffled without a seed, and a resumed run would read it in "
            "another order; give a seed to shuffle, as in shuffle(seed=0), and to interleave_datasets."
        )


def _check_size(size: int, batch: int) -> None:
    """Refuse an unlabelled set that an optimizer step would have to read more than once."""
    if size == 0:
        raise ValueError("unlabeled_dataset is empty; leave it out to train on the labels alone.")
    if size < batch:
        raise ValueError(
            f"unlabeled_dataset has {size} examples and a step takes {batch}; lower "
            "per_device_train_batch_size, gradient_accumulation_steps or unlabeled_batch_ratio, or add data."
        )
