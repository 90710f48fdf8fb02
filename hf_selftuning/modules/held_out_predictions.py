"""What is predicted for labelled rows while their labels are hidden: by a probe, and by propagation over the pool."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from .head_start import pool_predictions
from .linear_probe import linear_probe, probe_predictions

FOLDS = 5


@dataclass(frozen=True)
class HeldOutPredictions:
    """Predictions for labelled rows by models that have not seen their labels; k rows, c classes.

    Args:
        rows: places of the rows among all labelled ones. The only row of a class has no prediction.
        folds: the fold in which the label of each row was hidden.
        probed: probabilities by logistic regression on the other labels.
        spread: probabilities by `pool_predictions` from the other labels, over all rows and the pool.
    """

    rows: Int[Tensor, "k"]
    folds: Int[Tensor, "k"]
    probed: Float[Tensor, "k c"]
    spread: Float[Tensor, "k c"]


def held_out_predictions(
    features: Float[Tensor, "n d"], labels: Int[Tensor, "n"], pool: Float[Tensor, "m d"], classes: int
) -> HeldOutPredictions | None:
    """Predict each label from those in other folds; None if fewer than two classes have two rows.

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows; there may be none.
        classes: number of classes, c.
    """
    counts = torch.bincount(labels, minlength=classes)
    used = (counts[labels] > 1).nonzero()[:, 0]
    if len(labels[used].unique()) < 2:
        return None
    folds = StratifiedKFold(min(FOLDS, int(counts[counts > 1].min())), shuffle=True, random_state=0)
    hidden = [torch.as_tensor(part) for _, part in folds.split(used.numpy(), labels[used].numpy())]
    number, probed = torch.zeros(len(used), dtype=torch.long), features.new_zeros(len(used), classes)
    spread = probed.clone()
    for fold, part in enumerate(hidden):
        known = torch.ones(len(labels), dtype=torch.bool)
        known[used[part]] = False
        probe = linear_probe(features[known], labels[known], classes)
        others = torch.cat([features[used[part]], pool])
        number[part], probed[part] = fold, probe_predictions(features[used[part]], *probe)
        spread[part] = pool_predictions(features[known], labels[known], others, classes, probe)[: len(part)]
    return HeldOutPredictions(used, number, probed, spread)
