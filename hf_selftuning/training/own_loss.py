"""A supervised loss of the script's own: whether there is one, and how it reaches the objective."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.step import PLAIN, Views
from ..core.task import IGNORED, Task
from ..streams.pairs import PairCollator, PairedDataset, is_paired

EXAMPLES = 8
"""Number of labelled examples on which the model's own loss is compared with the cross-entropy."""
TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 1e-2}
"""Relative difference of two losses that counts as rounding, by the type of the logits; 1e-5 for all others."""


def for_pairs(compute_loss: Callable[..., Any], paired_loss: Callable[..., Any]) -> Callable[..., Any]:
    """A `compute_loss` that leaves batches of two streams to `paired_loss`, and gets plain batches alone.

    Args:
        compute_loss: Trainer's, or the one that a subclass overrides it with.
        paired_loss: the loss of both streams.
    """
    if hasattr(compute_loss, "__wrapped__") and compute_loss.__name__ == "compute_loss":
        return compute_loss  # inherited, and wrapped there

    @functools.wraps(compute_loss)
    def loss(self: Any, model: nn.Module, inputs: Mapping[str, Any], *given: Any, **named: Any) -> Any:
        chosen = paired_loss if is_paired(inputs) else compute_loss
        return chosen(self, model, inputs, *given, **named)

    return loss


@torch.no_grad()
def has_own_loss(model: nn.Module, batches: Iterable[Mapping[str, Any]], task: Task) -> bool:
    """Whether a model's own loss differs from the cross-entropy of its logits: class weights, a CRF, another term.

    Args:
        model: the user's, which computes a loss if it gets labels.
        batches: some labelled examples as the collator batches them, on the model's device.
        task: finds the rows.
    """
    seen = 0
    for batch in batches:
        labels = batch["labels"]
        if labels.is_floating_point():
            return False  # no classes; the collator's check refuses them with the reason
        if _differs(model, batch, task, seen):
            return True
        seen += int((labels != IGNORED).sum())
    return False


def _differs(model: nn.Module, batch: Mapping[str, Any], task: Task, seen: int) -> bool:
    """Whether the two losses of a batch differ.

    The labels are replaced by numbers that run through all classes: with labels of one class, a loss with class
    weights would equal the plain one. `seen` is the number of labels in earlier batches.
    """
    inputs = dict(batch)
    given: Tensor = inputs.pop("labels").clone()
    if given.dtype == torch.bool:
        return False  # the first batch refuses them in a sentence
    counted = given != IGNORED
    num_classes: int = model.config.num_labels  # type: ignore[assignment, union-attr]
    numbers = torch.arange(seen, seen + int(counted.sum()), device=given.device, dtype=given.dtype)
    given[counted] = numbers % num_classes
    # Loss and logits come from the same pass, so dropout cannot make them differ.
    with _undisturbed(model):
        outputs = model(**inputs, labels=given)
    own = getattr(outputs, "loss", None)
    if own is None:
        return False
    _, labels, rows = task.split({**inputs, "labels": given})
    logits = task.select(outputs.logits, rows)
    usual = F.cross_entropy(logits.float(), labels)
    # Both losses are NaN if no label of the batch counts, and that is no difference.
    return not torch.allclose(own.float(), usual, rtol=TOLERANCE.get(logits.dtype, 1e-5), equal_nan=True)


@contextmanager
def _undisturbed(model: nn.Module) -> Iterator[None]:
    """Train mode, after which modes, running statistics and random numbers are as before."""
    modes = {module: module.training for module in model.modules()}
    buffers = {buffer: buffer.clone() for buffer in model.buffers()}
    devices = {parameter.device for parameter in model.parameters() if parameter.device.type == "cuda"}
    with torch.random.fork_rng(list(devices)):
        model.train()
        try:
            yield
        finally:
            for module, mode in modes.items():
                module.training = mode
            for buffer, before in buffers.items():
                buffer.copy_(before)


def some_examples(
    dataset: Any, collate: Callable[[list[Any]], Any], task: Task, num_classes: int, size: int = EXAMPLES
) -> Iterator[dict[str, Any]]:
    """A few labelled examples as plain batches, always the same.

    Args:
        dataset: the labelled examples.
        collate: the user's collator.
        task: makes the view.
        num_classes: number of classes; labels must be smaller.
        size: the most examples in a batch. The batches of the training fit into memory, and larger ones may not.
    """
    views = Views((PLAIN,))
    paired = PairedDataset(dataset, None, task, views)
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).tolist()[:EXAMPLES]
    collator = PairCollator(collate, task, views, num_classes, own_loss=True)
    for start in range(0, len(order), size):
        labeled = collator([paired[index, (), index] for index in order[start : start + size]])["labeled"]
        yield {**labeled["views"][PLAIN], "labels": labeled["given"]}
