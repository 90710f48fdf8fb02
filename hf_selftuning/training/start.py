"""Before the first step: the classifier is fitted if a method asks for it, and the methods learn from the data."""

import logging
import time
from dataclasses import replace
from typing import Any

from ..core.objective import Objective
from ..core.preparation import Spread
from ..distributed import rank, world_size
from ..functional.approximate_neighbors import is_approximate
from ..streams.plain_batches import PlainBatches

logger = logging.getLogger(__name__)


def prepare(objective: Objective, batches: PlainBatches, unlabeled: Any, *, quiet: bool) -> float:
    """Prepare the objective, with the unlabelled data where the start needs it; say how long the start took.

    Args:
        objective: student and methods.
        batches: the labelled data.
        unlabeled: the unlabelled dataset, or None; each rank reads a part of it.
        quiet: show no progress bar.

    Returns:
        the seconds that all of it took.

    Raises:
        ValueError: the unlabelled dataset is a stream, whose examples cannot be read before training.
    """
    begun = time.perf_counter()
    pool = None
    if objective.reads_pool:
        pool = _pool(batches, unlabeled, quiet=quiet)
    spread = objective.prepare(batches, pool, _names(objective, batches))
    seconds = time.perf_counter() - begun
    if spread is not None and rank() == 0:
        logger.warning(
            "start=propagate: the classifier begins as logistic regression on %d labelled and %d unlabelled examples, "
            "labelled by their nearest neighbours. Neighbours are found by %s%s. This took %.1f s.",
            len(batches.dataset), len(unlabeled), spread.source, _approximately(spread), seconds,
        )  # fmt: skip
    return seconds


def _names(objective: Objective, batches: PlainBatches) -> PlainBatches | None:
    """An example for each class that holds its name, if a method counts these."""
    if not any(method.name_examples for method in objective.methods):
        return None
    examples = objective.task.class_examples()
    if examples is None:
        raise ValueError(
            "name_examples=True counts the names of the classes as labelled examples, and here are none to read; it "
            "is for single texts with a tokenizer, and the model's config must name the classes (id2label). Or leave "
            "name_examples out."
        )
    return replace(batches, dataset=examples)


def _approximately(spread: Spread) -> str:
    rows = len(spread.pool.examples) + len(spread.labeled.examples)
    return ", approximately (faiss)" if is_approximate(rows, spread.pool.features.device) else ""


def _pool(batches: PlainBatches, unlabeled: Any, *, quiet: bool) -> PlainBatches | None:
    if unlabeled is None:
        logger.warning("start=propagate without unlabelled data is start=probe: no label can spread")
        return None
    if not hasattr(unlabeled, "__len__"):
        raise ValueError(
            "start=propagate reads all unlabelled examples before training, and unlabeled_dataset is a stream without "
            "a length; give a dataset with a length, or take start=probe, as in methods='self_tuning:start=probe'."
        )
    text = None if quiet or rank() else "Features of the unlabelled data"
    return replace(batches, dataset=unlabeled, part=(rank(), world_size()), hidden=True, progress=text, by_length=True)
