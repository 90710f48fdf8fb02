"""The head that a classifier begins with: logistic regression on pretrained features."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..distributed import gather_rows
from ..modules.head_start import propagated_probe
from ..modules.linear_probe import PROBED, linear_probe
from .preparation import Preparation


def fitted_head(preparation: Preparation, start: str, classes: int) -> tuple[Float[Tensor, "c d"], Float[Tensor, "c"]]:
    """Weights and bias of the regression.

    Args:
        preparation: the student, the labelled data, and perhaps the pool, of which each rank reads its own part.
        start: `probe`, or `propagate` to learn from the pool too, if there is one.
        classes: number of classes, c.
    """
    features, labels = [], []
    for batch in preparation.batches.first(PROBED):
        features.append(preparation.rows(batch).features)
        labels.append(preparation.labels(batch))
    known = torch.cat(features), torch.cat(labels)
    if start != "propagate" or preparation.pool is None:
        return linear_probe(*known, classes)
    mine = [preparation.rows(batch).features for batch in preparation.pool]
    pool = gather_rows(torch.cat([known[0][:0], *mine]))  # a rank may have no part of a small pool
    return propagated_probe(*known, pool, classes)
