"""Labels of a pool by diffusion from the labelled rows, and weights that balance classes; n, m rows, c classes.

Label Propagation for Deep Semi-supervised Learning (Iscen et al., CVPR 2019), https://arxiv.org/abs/1904.04717.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from .label_propagation import spread_labels


def diffused(
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    pool: Float[Tensor, "m d"],
    classes: int,
    *,
    neighbors: int,
    exponent: float,
    mixing: float,
) -> Float[Tensor, "m c"]:
    """Probabilities of the pool's classes: propagated scores of all rows, normalised (sections 3.2 and 3.3).

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows.
        classes: number of classes, c.
        neighbors: nearest neighbours of a row in the graph, the paper's k.
        exponent: power of the cosines, the paper's gamma.
        mixing: weight of the neighbours against the own label, the paper's alpha.
    """
    unit = F.normalize(torch.cat([features, pool]).float(), dim=1)
    return spread_labels(unit, labels, classes, neighbors=neighbors, exponent=exponent, mixing=mixing)


def balancing_weights(labels: Int[Tensor, "n"], guesses: Int[Tensor, "m"], classes: int) -> Float[Tensor, "c"]:
    """Weight of each class: the inverse of its number of labels and guesses, with a mean of 1 over all of them.

    Args:
        labels: of the labelled rows; -1 for one without a label.
        guesses: pseudo-labels of the unlabelled rows.
        classes: number of classes, c.
    """
    both = torch.cat([labels, guesses])
    # Entry 0 counts the rows labelled -1 and is cut off; a mask would make the host wait for the device.
    counts = both.new_zeros(classes + 1).scatter_add_(0, both + 1, torch.ones_like(both))[1:].float()
    return counts.sum() / (counts > 0).sum().clamp(min=1) / counts.clamp(min=1)
