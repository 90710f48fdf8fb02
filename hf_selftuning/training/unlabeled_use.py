"""Whether the model that a run ends with has learned from unlabelled examples, and if not, why."""

import math
from collections.abc import Sequence
from pathlib import Path

from transformers import TrainerState

from ..core.method import Method


def readers(methods: Sequence[Method]) -> list[Method]:
    """The methods that read unlabelled examples, in training or for the start of the classifier."""
    return [method for method in methods if method.views().unlabeled or method.start == "propagate"]


def why_unused(methods: Sequence[Method], state: TrainerState, *, takes_best: bool) -> str | None:
    """Why no unlabelled example has changed the model, as a sentence; None if some have.

    Args:
        methods: those that read unlabelled examples; there is at least one.
        state: of the trainer, after training or without one.
        takes_best: whether the model is that of the best checkpoint, and not of the last step.
    """
    step, place = state.global_step, "the training stopped after"
    if takes_best and state.best_model_checkpoint:
        # Trainer keeps the path of the best checkpoint, and its step stands only in the name of the folder.
        step, place = int(Path(state.best_model_checkpoint).name.rpartition("-")[2]), "the best checkpoint is that of"
    if not step:
        return "No unlabelled example was used: nothing was trained."
    first = min(math.ceil(method.warmup_ratio * state.max_steps) for method in methods)
    if step > first or any(method.start == "propagate" for method in methods):
        return None
    titles = " and ".join(method.title for method in methods)
    return (
        f"No unlabelled example was used: {place} step {step}, and {titles} begins after step {first}: "
        "during the warm-up, the labels alone train."
    )
