"""What is predicted for labelled rows while their labels are hidden: by a probe, and by propagation over the pool."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from sklearn.model_selection import KFold, StratifiedKFold
from torch import Tensor

from .head_start import pool_predictions
from .linear_probe import linear_probe, probe_predictions

FOLDS = 5
Rows = tuple[Tensor, Tensor]
"""Features (n, d) of rows, and their classes (n,)."""


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
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    pool: Float[Tensor, "m d"],
    classes: int,
    *,
    clouds: bool = True,
    groups: Int[Tensor, "n"] | None = None,
    names: Rows | None = None,
) -> HeldOutPredictions | None:
    """Predict each label from those in other folds; None if fewer than two classes have two rows, or two groups.

    With names, which are never hidden, the only row of a class has a prediction, too.

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows; there may be none.
        classes: number of classes, c.
        clouds: see `pool_predictions`.
        groups: the group of each row, such as the sentence of a word; a fold hides whole groups.
        names: features of the names of the classes, and their classes, which count as labelled rows in every fold.
    """
    if names is not None:
        groups = torch.arange(len(labels)) if groups is None else groups
    folds = _folds(labels, classes) if groups is None else _folds_of_groups(labels, groups)
    if folds is None:
        return None
    used, hidden = folds
    number = torch.zeros(len(used), dtype=torch.long)
    probed = features.new_zeros(len(used), classes, dtype=torch.float32)
    spread = probed.clone()
    for fold, part in enumerate(hidden):
        known = torch.ones(len(labels), dtype=torch.bool)
        known[used[part]] = False
        learned = with_names((features[known], labels[known]), names)
        probe = linear_probe(*learned, classes)
        others = torch.cat([features[used[part]], pool])
        number[part], probed[part] = fold, probe_predictions(features[used[part]], *probe)
        found = pool_predictions(*learned, others, classes, probe, clouds=clouds)
        spread[part] = found[: len(part)]
    return HeldOutPredictions(used, number, probed, spread)


def with_names(rows: Rows, names: Rows | None) -> Rows:
    """Features and classes of labelled rows, then those of the names of the classes, if there are some."""
    return rows if names is None else (torch.cat([rows[0], names[0]]), torch.cat([rows[1], names[1]]))


Folds = tuple[Tensor, list[Tensor]]
"""The rows that get a prediction, and for each fold the places of its rows among them."""


def _folds(labels: Tensor, classes: int) -> Folds | None:
    """The only row of a class is left out."""
    counts = torch.bincount(labels, minlength=classes)
    used = (counts[labels] > 1).nonzero()[:, 0]
    if len(labels[used].unique()) < 2:
        return None
    folds = StratifiedKFold(min(FOLDS, int(counts[counts > 1].min())), shuffle=True, random_state=0)
    return used, [torch.as_tensor(part) for _, part in folds.split(used.numpy(), labels[used].numpy())]


def _folds_of_groups(labels: Tensor, groups: Tensor) -> Folds | None:
    """Groups are dealt out at random, and not so that each fold has every class: a rare tag has few sentences."""
    every, rows = groups.unique(), torch.arange(len(labels))
    if len(every) < 2:
        return None
    folds = KFold(min(FOLDS, len(every)), shuffle=True, random_state=0).split(every.numpy())
    hidden = [rows[torch.isin(groups, every[torch.as_tensor(part)])] for _, part in folds]
    known = [len(labels[torch.isin(rows, part, invert=True)].unique()) for part in hidden]
    return (rows, hidden) if min(known) > 1 else None
