"""Figures of the pseudo-labels of a micro-batch, as numerators and denominators that the log adds up."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..modules.queues import class_counts
from .method import Method
from .task import Count, Task


class Report(NamedTuple):
    """What a method reports of the unlabelled rows.

    Args:
        method: that reports.
        labels: its pseudo-labels (n,).
        used: which of them it uses (n,).
        taken: the pseudo-labels, -1 where one is not used (n,).
    """

    method: Method
    labels: Tensor
    used: Tensor
    taken: Tensor

    @classmethod
    def of(cls, method: Method, labels: Tensor, used: Tensor) -> "Report":
        """With the labels that are taken."""
        return cls(method, labels, used, torch.where(used, labels, -1))


def pseudo_label_figures(
    reports: Sequence[Report], given: Tensor, unlabeled: Mapping[str, Any], *, task: Task, num_classes: int
) -> dict[str, Count]:
    """Figures of the first method that gives pseudo-labels, and of queues that hold pseudo-labelled keys.

    Args:
        reports: what the methods reported.
        given: labels of the labelled rows (m,).
        unlabeled: the unlabelled stream of the batch, which may hold the true labels of its rows as `truth`.
        task: compares pseudo-labels with the truth.
        num_classes: width of the logits.
    """
    if not reports:
        return {}
    figures: dict[str, Count] = {}
    truth, known = unlabeled.get("truth"), class_counts(given, num_classes)
    for number, (method, labels, used, taken) in enumerate(reports):
        # `class_counts` leaves out -1. A mask would have a length that the host must wait for.
        guessed = class_counts(taken, num_classes)
        if number == 0:
            figures["pseudo_label_coverage"] = (used.sum(), labels.new_full((), len(labels)))
            # Both figures need the same counts. The log sums these over its steps, and then computes each figure by
            # its name.
            figures |= {"pseudo_label_shift": (guessed, known), "pseudo_label_missing": (guessed, known)}
            figures |= {} if truth is None else task.audit(labels, used, truth)
        if method.queues_pseudo_labels:
            figures["queue_labeled_share"] = (known, known + guessed)
            if truth is not None:
                right = class_counts(torch.where(taken == truth, truth, -1), num_classes)
                figures["queue_purity"] = (known + right, known + guessed)
    return figures


def labels_of_examples(unlabeled: Mapping[str, Any], reports: Sequence[Report]) -> tuple[Tensor, Tensor] | None:
    """The unlabelled examples and their pseudo-labels by the first method that gives some; see `Objective.guessed`."""
    examples = unlabeled.get("examples")
    if not reports or examples is None or unlabeled.get("rows") is not None:
        return None
    taken = reports[0].taken
    return (examples, taken) if len(taken) == len(examples) else None
