"""Figures of confidence and of pseudo-labels, as pure functions; letters: n rows, c classes."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Num
from torch import Tensor


def calibration_error(
    confidence: Float[Tensor, "n"], right: Bool[Tensor, "n"], *, bins: int = 15
) -> Float[Tensor, ""]:
    """Expected calibration error, Guo et al. (arXiv 1706.04599) equation (3): sum_m |B_m| / n |acc(B_m) - conf(B_m)|.

    Bin m holds the confidences in ((m - 1) / M, m / M]; NaN without rows.

    Args:
        confidence: greatest probability of each row.
        right: whether its class is the true one.
        bins: M.
    """
    edges = torch.arange(1, bins, dtype=torch.float64) / bins
    confidence = confidence.double()
    gaps = torch.zeros(bins, dtype=torch.float64)
    gaps.index_add_(0, torch.bucketize(confidence, edges), right.double() - confidence)
    return gaps.abs().sum() / len(confidence)


def ratio(above: Num[Tensor, "1"], below: Num[Tensor, "1"]) -> Float[Tensor, ""]:
    """A share; not finite without cases."""
    return (above / below).squeeze(0)


def total_variation(counts: Num[Tensor, "c"], others: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """How far two histograms lie apart, 1/2 sum_c |p_c - q_c|: 0 for equal shares, 1 for no class in common."""
    return (counts / counts.sum() - others / others.sum()).abs().sum() / 2


def missing_classes(counts: Num[Tensor, "c"], others: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """Share of the classes of the second histogram that the first has not."""
    return ((others > 0) & (counts == 0)).sum() / (others > 0).sum()


def mean_over_classes(above: Num[Tensor, "c"], below: Num[Tensor, "c"]) -> Float[Tensor, ""]:
    """Mean of the classes' shares, those without a case left out."""
    return (above / below)[below > 0].mean()


REDUCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "pseudo_label_shift": total_variation,
    "pseudo_label_missing": missing_classes,
    "queue_purity": mean_over_classes,
    "queue_labeled_share": mean_over_classes,
}
"""How the log reads a figure that is counted a class; all others are a ratio of two sums."""


def median_age(written: Num[Tensor, "c"], size: int, steps: int) -> float:
    """Steps that a key stays in its class's ring, the median of the classes; infinite where half of them are not fed.

    A ring of `size` keys that took `written` in `steps` steps is replaced once in size * steps / written of them.
    """
    return float((size * steps / written.cpu().double()).median())
