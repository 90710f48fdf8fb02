"""The rows of some examples as the trained model of a run sees them, for its page."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ...data.sampling_order import evenly_spread
from ...modules.classifier import find_classifier, read_features
from ...streams.plain_batches import PlainBatches
from ...training.trainer import SelfTuningTrainer
from ..setup.page_view import ReadRows

MOST = 1000
"""Examples of a part that are read for the page."""


@torch.no_grad()
def read_rows(trainer: SelfTuningTrainer, dataset: Any, *, known: bool) -> ReadRows:
    """The rows of at most `MOST` examples, as the trained model sees them in the plain view.

    Args:
        trainer: with the model.
        dataset: as the trainer encoded it.
        known: whether the labels are true.
    """
    places = evenly_spread(len(dataset), MOST)
    batches = replace(trainer.plain_batches(dataset.select(places)), by_length=True)
    was_training = trainer.model.training
    trainer.model.eval()
    try:
        # A loader draws a seed as it starts; a script may go on with these random numbers.
        with torch.random.fork_rng(), trainer.accelerator.autocast():
            return _rows(trainer, batches, np.array(places), known=known)
    finally:
        trainer.model.train(was_training)


def _rows(trainer: SelfTuningTrainer, batches: PlainBatches, places: np.ndarray, *, known: bool) -> ReadRows:
    model, task = trainer.model, trainer.task
    paths = find_classifier(model, model.config.num_labels, trainer.args.feature_module)
    features, logits, labels, examples = [], [], [], []
    for batch in batches:
        found = read_features(model, paths, batch.views["plain.0"])
        features.append(task.select(found[0], batch.rows).float().cpu())
        logits.append(task.select(found[1], batch.rows).float().cpu())
        assert batch.labels is not None
        assert batch.examples is not None
        labels.append(batch.labels.cpu())
        examples.append(batch.examples.cpu())
    return ReadRows(
        torch.cat(logits).softmax(1).numpy(),
        torch.cat(features).numpy(),
        torch.cat(labels).numpy() if known else None,
        places[torch.cat(examples).numpy()],
    )
