"""Pairs of labelled and unlabelled examples, their views, and batches of them."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..core.step import Views
from ..core.task import Example, Task
from .order import Index, mix

ViewsOfExample = dict[str, Example]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the generators of Python, numpy and torch, and restore their states afterwards.

    Views are drawn under a seed of their own, because the global generators cannot be resumed: Trainer restores their
    state only after the first batches were read.
    """
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)  # numpy takes no more than 32 bits here
    torch.default_generator.manual_seed(seed % 2**63)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


@dataclass(frozen=True)
class Pair:
    """A labelled example and the unlabelled examples that come with it, each in its views.

    Args:
        labeled: views of the labelled example, by name.
        unlabeled: views of each unlabelled example, by name.
        truth: true labels of the unlabelled examples for an audit, else empty.
    """

    labeled: ViewsOfExample
    unlabeled: list[ViewsOfExample]
    truth: list[Tensor]


class PairedDataset(Dataset[Pair]):
    """Both datasets, indexed by what the sampler yields; unlabelled examples lose their labels here.

    Args:
        labeled: the user's labelled dataset.
        unlabeled: the user's unlabelled dataset, or None.
        task: makes views and hides labels.
        views: the views of each stream that the losses need.
        audit: whether to keep the true labels of unlabelled examples; only figures in the log use them, no loss does.
    """

    def __init__(self, labeled: Any, unlabeled: Any, task: Task, views: Views, *, audit: bool = False) -> None:
        self.labeled, self.unlabeled, self.task = labeled, unlabeled, task
        self.views, self.audit = views, audit

    def __len__(self) -> int:
        return len(self.labeled)

    def __getitem__(self, index: Index) -> Pair:
        i, companions, seed = index
        labeled, _ = self._views(self.labeled, i, self.views.labeled, mix(seed, 0), dict)
        unlabeled, truth = [], []
        for number, j in enumerate(companions):
            views, example = self._views(
                self.unlabeled, j, self.views.unlabeled, mix(seed, 1 + number), self.task.blind
            )
            unlabeled.append(views)
            truth += [self.task.truth(example)] if self.audit and views else []
        return Pair(labeled, unlabeled, truth)

    def _views(
        self, dataset: Any, index: int, names: Sequence[str], seed: int, prepare: Callable[[Example], Example]
    ) -> tuple[ViewsOfExample, Example]:
        views: ViewsOfExample = {}
        example: Example = {}
        for name in names:
            with seeded(mix(seed, name)):
                example = dataset[index]
                views[name] = self.task.view(prepare(example), name)
        return views, example


class PairCollator:
    """Batches pairs with the user's own collator, view by view.

    Args:
        collate: the user's collator of plain examples.
        task: separates labels from inputs.
        views: the views that the dataset makes.
        num_classes: number of classes; labels must be smaller.
    """

    def __init__(
        self, collate: Callable[[list[Any]], Mapping[str, Any]], task: Task, views: Views, num_classes: int
    ) -> None:
        self.collate, self.task, self.views, self.num_classes = collate, task, views, num_classes

    def __call__(self, pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
        """`{"labeled": {"views", "rows", "labels", "count"}, "unlabeled": {"views", "rows", "truth", "count"}}`.

        `unlabeled` is missing if no loss needs unlabelled views, `rows` if each example is a row, and `truth` if there
        is no audit.
        """
        labeled = self._stream([pair.labeled for pair in pairs], self.views.labeled)
        self._check(labeled["labels"])
        batch = {"labeled": labeled}
        companions = [example for pair in pairs for example in pair.unlabeled]
        if companions and self.views.unlabeled:
            batch["unlabeled"] = self._stream(companions, self.views.unlabeled)
            batch["unlabeled"].pop("labels")
            truth = [value for pair in pairs for value in pair.truth]
            if truth:
                batch["unlabeled"]["truth"] = torch.cat(truth)
        return batch

    def _stream(self, examples: Sequence[ViewsOfExample], views: Sequence[str]) -> dict[str, Any]:
        stream: dict[str, Any] = {"views": {}}
        for view in views:
            inputs, labels, rows = self.task.split(self._batch([example[view] for example in examples]))
            stream["views"][view] = inputs
            stream["labels"] = labels
            stream["count"] = len(labels)
            if rows is not None:
                stream["rows"] = rows
        return stream

    def _batch(self, examples: list[Example]) -> dict[str, Any]:
        try:
            return dict(self.collate(examples))
        except ValueError as error:
            raise ValueError(
                f"The data collator could not make a batch of {', '.join(examples[0])} ({error}); pass the tokenizer "
                "as processing_class=, so that sentences are padded, or a data_collator=, and remove columns of text."
            ) from error

    def _check(self, labels: Tensor) -> None:
        if labels.is_floating_point() or labels.ndim != 1:
            raise ValueError(
                f"The labels are {labels.dtype} of shape {tuple(labels.shape)}, but each row needs one whole number; "
                "give each example the index of its class."
            )
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < self.num_classes:
            wrong = int(labels.max()) if int(labels.max()) >= self.num_classes else int(labels.min())
            raise ValueError(
                f"A label is {wrong}, and the model has num_labels={self.num_classes}; load the model with as many "
                "labels as the data has, or map the labels to 0 ... num_labels - 1."
            )
