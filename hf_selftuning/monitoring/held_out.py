"""What a held-out slice of the labels tells of pseudo-labels: figures beside the scores of every evaluation."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import EvalPrediction

from ..core.method import Method
from ..core.step import Progress
from ..core.task import IGNORED, Task
from ..functional.health_figures import calibration_error, median_age
from ..functional.pseudo_labels import best_class
from ..metrics import Scores, first_array
from ..modules.queues import ClassQueues
from ..training.trainer import SelfTuningTrainer
from .log_history import History


def follow(trainer: SelfTuningTrainer) -> None:
    """Let the trainer's `compute_metrics` also return the figures of this file; without it nothing is evaluated."""
    if trainer.compute_metrics is not None:
        trainer.compute_metrics = with_figures(trainer.compute_metrics, trainer)


def with_figures(scores: Scores, trainer: SelfTuningTrainer) -> Scores:
    """The scores, and figures that are logged as `eval_pseudo_label_accuracy` and the like."""

    def compute_metrics(evaluated: EvalPrediction) -> dict[str, float]:
        labels = _tensor(first_array(evaluated.label_ids), trainer)
        rows = labels != IGNORED
        logits, labels = _tensor(first_array(evaluated.predictions), trainer)[rows], labels[rows]
        figures = slice_figures(logits, labels, trainer.health.methods, trainer.task)
        return {**scores(evaluated), **figures, **_gap(figures, trainer.state.log_history), **_age(trainer)}

    return compute_metrics


@torch.no_grad()
def slice_figures(logits: Tensor, labels: Tensor, methods: Sequence[Method], task: Task) -> dict[str, float]:
    """Accuracy and calibration of the rows, and the pseudo-labels the first method would give.

    Args:
        logits: of a view without chance (n, c).
        labels: true ones (n,).
        methods: those that train on unlabelled data.
        task: knows which rows are told apart.
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


def _tensor(array: np.ndarray, trainer: SelfTuningTrainer) -> Tensor:
    return torch.as_tensor(array).to(trainer.args.device)


def _gap(figures: dict[str, float], history: History) -> dict[str, float]:
    """Accuracy of the rows less that of the pseudo-labels training last gave, where their truth is known."""
    known = [line["pseudo_label_accuracy"] for line in history if "pseudo_label_accuracy" in line]
    return {"pseudo_label_gap": figures["row_accuracy"] - known[-1]} if known else {}


def _age(trainer: SelfTuningTrainer) -> dict[str, float]:
    """Steps that a key stays, at the mean rate since the queues were first fed; none before half the classes are."""
    ages = {}
    for method in trainer.methods:
        steps = method.steps_since_warmup(Progress(trainer.state.global_step, trainer.state.max_steps))
        for queues in method.modules() if method.queues_pseudo_labels and steps > 0 else ():
            if isinstance(queues, ClassQueues):
                ages["queue_age"] = median_age(queues.written, queues.size, steps)
    return {name: age for name, age in ages.items() if np.isfinite(age)}
