"""Figures that show whether confidence and pseudo-labels can be trusted, as pure functions.

Letters in shapes: n rows, c classes.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Num
from torch import Tensor


def calibration_error(
    confidence: Float[Tensor, "n"], right: Bool[Tensor, "n"], *, bins: int = 15
) -> Float[Tensor, ""]:
    """Expected calibration error, Guo et al. (arXiv 1706.04599) equation (3): sum_m |B_m| / n |acc(B_m) - conf(B_m)|.

    Bin m holds the confidences in ((m - 1) / M, m / M]. Without rows the result is NaN.

    Args:
        confidence: probability of the predicted class of each row.
        right: whether the predicted class is the true one.
        bins: number of bins, M.
    """
    edges = torch.arange(1, bins, dtype=torch.float64) / bins
    confidence = confidence.double()
    gaps = torch.zeros(bins, dtype=torch.float64)
    # bucketize puts a value that equals an edge into the bin below it, as in the equation.
    gaps.index_add_(0, torch.bucketize(confidence, edges), right.double() - confidence)
    return gaps.abs().sum() / len(confidence)


def ratio(above: Num[Tensor, "1"], below: Num[Tensor, "1"]) -> Float[Tensor, ""]:
    """A ratio of two sums; NaN or infinite if the denominator is 0."""
    return (above / below).squeeze(0)


def total_variation(counts: Num[Tensor, "c"], others: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """Distance of two histograms, 1/2 sum_c |p_c - q_c|, with class shares p and q.

    It is 0 for equal shares, and 1 if the histograms have no class in common.
    """
    return (counts / counts.sum() - others / others.sum()).abs().sum() / 2


def missing_classes(counts: Num[Tensor, "c"], others: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """Share of the classes present in `others` that `counts` lacks."""
    return ((others > 0) & (counts == 0)).sum() / (others > 0).sum()


def mean_over_classes(above: Num[Tensor, "c"], below: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """Mean over classes of the ratio `above / below`; classes with `below` = 0 are left out."""
    return (above / below)[below > 0].mean()


REDUCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "pseudo_label_shift": total_variation,
    "pseudo_label_missing": missing_classes,
    "queue_purity": mean_over_classes,
    "queue_labeled_share": mean_over_classes,
}
"""How the log reduces the figures that are counted per class; every other figure is a ratio of two sums."""


def median_age(written: Num[Tensor, "c"], size: int, steps: int) -> float:
    """Number of steps that a key stays in the queue of its class, as the median over classes.

    A queue of `size` keys that received `written` keys in `steps` steps is replaced every size * steps / written
    steps. The median is infinite if more than half of the classes have received no key.

    Args:
        written: number of keys that each class has received.
        size: keys that the queue of a class holds.
        steps: number of steps in which they came.
    """
    return float((size * steps / written.cpu().double()).median())
