"""Rows that a person should see before training; in shapes: n, m rows, d width, c classes, k found."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .label_propagation import nearest_neighbors

FENCE = 3.0
"""Number of interquartile ranges below the first quartile from which a row is far out (Tukey, 1977)."""


def confused_pairs(
    predicted: Int[Tensor, "n"], labels: Int[Tensor, "n"], classes: int
) -> tuple[Int[Tensor, "k 2"], Int[Tensor, "k"]]:
    """Pairs of classes of which rows of one were predicted as the other, in either direction, and how many rows.

    The pair with the most rows comes first.

    Args:
        predicted: classes that a model predicts.
        labels: the given classes.
        classes: number of classes, c.
    """
    counts = torch.bincount(labels * classes + predicted, minlength=classes * classes).view(classes, classes)
    both = (counts + counts.T).triu(1)
    pairs = both.nonzero()
    found = both[pairs[:, 0], pairs[:, 1]]
    order = found.argsort(descending=True, stable=True)
    return pairs[order], found[order]


def disputed_labels(
    probabilities: Float[Tensor, "n c"], labels: Int[Tensor, "n"]
) -> tuple[Int[Tensor, "k"], Int[Tensor, "k"]]:
    """Rows whose label a model confidently disagrees with, and the class that it prefers; the surest one first.

    The threshold of a class is the mean probability that its own rows give it. A row is disputed if its most probable
    class is not its label and reaches its threshold: Confident Learning (Northcutt, Jiang and Chuang, JAIR 2021,
    equation 1), https://arxiv.org/abs/1911.00068. Rows are ordered by the difference of the two probabilities.

    Args:
        probabilities: of the classes, by a model that has not seen the labels of these rows.
        labels: the given classes.
    """
    own = probabilities.gather(1, labels[:, None])[:, 0]
    sums = own.new_zeros(probabilities.shape[1]).index_add_(0, labels, own)
    thresholds = sums / torch.bincount(labels, minlength=probabilities.shape[1]).clamp(min=1)
    confidence, preferred = probabilities.max(1)
    disputed = ((preferred != labels) & (confidence >= thresholds[preferred])).nonzero()[:, 0]
    order = (confidence - own)[disputed].argsort(descending=True, stable=True)
    return disputed[order], preferred[disputed[order]]


def near_pairs(
    first: Float[Tensor, "n d"], second: Float[Tensor, "m d"], least: float
) -> tuple[Int[Tensor, "k 2"], Float[Tensor, "k"]]:
    """For each row of the second set its most similar row of the first, if their cosine is at least `least`.

    Args:
        first: rows of length 1.
        second: rows of length 1.
        least: smallest cosine of two near duplicates.

    Returns:
        Pairs of places in both sets and their cosines, the most similar pair first.
    """
    cosines, nearest = (second @ first.T).max(1)
    found = (cosines >= least).nonzero()[:, 0]
    order = cosines[found].argsort(descending=True, stable=True)
    return torch.stack([nearest[found], found], dim=1)[order], cosines[found][order]


def distant_rows(unit: Float[Tensor, "n d"], neighbors: int, *, fence: float = FENCE) -> Int[Tensor, "k"]:
    """Rows far from all others: their mean cosine with their neighbours is far out; the most distant one first.

    Far out is what lies more than `fence` interquartile ranges below the first quartile.

    Args:
        unit: rows of length 1.
        neighbors: number of neighbours of a row.
        fence: number of interquartile ranges.
    """
    means = nearest_neighbors(unit, neighbors)[1].mean(1)
    low, high = means.quantile(0.25), means.quantile(0.75)
    found = (means < low - fence * (high - low)).nonzero()[:, 0]
    return found[means[found].argsort(stable=True)]
