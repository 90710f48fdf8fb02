"""Figures of pseudo-labels on labelled examples that training does not use, from the logits of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import TrainerState
from transformers.trainer_utils import EvalLoopOutput

from ..core.method import Method
from ..core.step import Progress
from ..core.task import IGNORED, Task
from ..functional.health_figures import calibration_error, median_age
from ..functional.pseudo_labels import best_class
from ..metrics import first_array
from ..modules.queues import ClassQueues
from .log_history import History


@dataclass
class HeldOut:
    """The figures that a trainer adds to its scores, such as `eval_pseudo_label_accuracy`.

    Args:
        methods: all methods that train.
        on_unlabeled: those of them that train on unlabelled data; the first one's pseudo-labels are evaluated.
        task: compares pseudo-labels with true labels.
        num_classes: size of the class axis of the logits.
        always: whether to give accuracy and calibration even if no method trains on unlabelled data. A comparison
            sets it, so that fine-tuning has the same figures as the other rows.
    """

    methods: Sequence[Method]
    on_unlabeled: Sequence[Method]
    task: Task
    num_classes: int
    always: bool = False

    def add_to(
        self, output: EvalLoopOutput, *, prefix: str, state: TrainerState, device: torch.device
    ) -> EvalLoopOutput:
        """Add the figures to the metrics of an evaluation; a metric that already has such a name is kept.

        Args:
            output: predictions, labels and metrics of the evaluation.
            prefix: start of each name, such as `eval`.
            state: state of the trainer, with its log and its step.
            device: device of the methods.
        """
        rows = None
        if self.on_unlabeled or self.always:
            rows = labeled_rows(output.predictions, output.label_ids, self.num_classes)
        if rows is None:
            return output
        logits, labels = (part.to(device) for part in rows)
        figures = slice_figures(logits, labels, self.on_unlabeled, self.task)
        figures |= _gap(figures, state.log_history)
        figures |= _age(self.methods, Progress(state.global_step, state.max_steps))
        return output._replace(
            metrics={**{f"{prefix}_{name}": value for name, value in figures.items()}, **(output.metrics or {})}
        )


def labeled_rows(predictions: Any, label_ids: Any, num_classes: int) -> tuple[Tensor, Tensor] | None:
    """Logits (n, c) and labels (n,) of all positions that have a label.

    None if there is no such position, if the labels are no classes, as in a regression, or if the predictions are not
    logits: `preprocess_logits_for_metrics` may have replaced them by the best classes, which have no class axis.

    Args:
        predictions: an array, or a tuple that begins with the logits; with `eval_do_concat_batches=False`, a list of
            these, one for each batch.
        label_ids: the labels, in the same form.
        num_classes: c.
    """
    found = []
    for batch, expected in zip(_batches(predictions), _batches(label_ids), strict=False):
        logits, labels = first_array(batch), first_array(expected)
        if not (isinstance(logits, np.ndarray) and isinstance(labels, np.ndarray)):
            return None
        if logits.shape != (*labels.shape, num_classes) or not np.issubdtype(logits.dtype, np.floating):
            return None
        if not np.issubdtype(labels.dtype, np.integer):
            return None
        rows = labels != IGNORED
        found.append((torch.as_tensor(logits[rows]).float(), torch.as_tensor(labels[rows])))
    if not sum(len(labels) for _, labels in found):
        return None
    return torch.cat([logits for logits, _ in found]), torch.cat([labels for _, labels in found])


@torch.no_grad()
def slice_figures(logits: Tensor, labels: Tensor, methods: Sequence[Method], task: Task) -> dict[str, float]:
    """Accuracy and calibration of the logits, and figures of the pseudo-labels that the first method makes of them.

    Args:
        logits: logits of the student (n, c), n > 0.
        labels: true labels (n,).
        methods: those that train on unlabelled data.
        task: compares pseudo-labels with true labels.
    """
    confidence, best = best_class(logits)
    right = best == labels
    figures = {
        "row_accuracy": right.cpu().double().mean().item(),
        "calibration_error": calibration_error(confidence.cpu(), right.cpu()).item(),
    }
    for method in methods[:1]:
        guessed, used = method.pseudo_labels(logits)
        counts = {"pseudo_label_coverage": (used.sum(), torch.ones_like(used).sum())}
        counts |= task.audit(guessed, used, labels)
        figures |= {name: above.item() / below.item() for name, (above, below) in counts.items() if below}
    return figures


def _batches(arrays: Any) -> list:
    if arrays is None:
        return []
    return arrays if isinstance(arrays, list) else [arrays]


def _gap(figures: dict[str, float], history: History) -> dict[str, float]:
    """Accuracy of the rows minus the last logged accuracy of the pseudo-labels in training, if that is known."""
    known = [line["pseudo_label_accuracy"] for line in history if "pseudo_label_accuracy" in line]
    return {"pseudo_label_gap": figures["row_accuracy"] - known[-1]} if known else {}


def _age(methods: Sequence[Method], progress: Progress) -> dict[str, float]:
    """Number of steps that a key stays in its queue, from the mean rate of new keys since the end of the warm-up.

    Empty until half of the classes have received a key, because the median over classes is infinite before.
    """
    ages = {}
    for method in methods:
        steps = method.steps_since_warmup(progress)
        for queues in method.modules() if method.queues_pseudo_labels and steps > 0 else ():
            if isinstance(queues, ClassQueues):
                ages["queue_age"] = median_age(queues.written, queues.size, steps)
    return {name: age for name, age in ages.items() if np.isfinite(age)}
