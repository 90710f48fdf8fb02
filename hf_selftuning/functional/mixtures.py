"""One cloud of rows for each class, fitted to labelled and unlabelled rows; in shapes: n rows, d width, c classes.

Clustering on the Unit Hypersphere using von Mises-Fisher Distributions (Banerjee et al., JMLR 2005).
Meta-Learning for Semi-Supervised Few-Shot Classification (Ren et al., ICLR 2018), https://arxiv.org/abs/1803.00676.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

TINY = 1e-9
NOISE = 1e-6
"""Share of the greatest variance up to which a direction is rounding error, and counts nothing."""
LEAST_SHARE = 1e-4
"""Least share of a class in the mixture, so that its logarithm stays finite."""


def half_whitened(features: Float[Tensor, "n d"], width: int) -> Float[Tensor, "n w"]:
    """Rows of length 1 in the main directions of the data, each scaled by its standard deviation to the power -1/2.

    The strongest directions often tell apart what no class needs, such as the background of a photograph. Full
    whitening would give noise the same length as the rest, so the scaling goes half of the way.

    Args:
        features: rows; each is scaled to length 1 and centred before.
        width: number of directions that are kept, w; fewer if the rows span fewer.
    """
    unit = F.normalize(features.float(), dim=1)
    rows = unit - unit.mean(0)
    kept = min(width, len(features) - 1, features.shape[1])
    # The smaller of the two products has fewer eigenvalues of zero, and in double precision the solver bears them.
    few = len(rows) < rows.shape[1]
    variances, vectors = torch.linalg.eigh((rows @ rows.T if few else rows.T @ rows).double())  # in rising order
    variances, vectors = variances[-kept:], vectors[:, -kept:]
    vectors = vectors * (variances > NOISE * variances[-1])
    variances = variances.clamp(min=TINY)
    if few:  # the vectors are the rows' places in the directions, each in units of its standard deviation
        return F.normalize((vectors * variances**0.25).to(rows), dim=1)
    return F.normalize(rows @ (vectors * variances**-0.25).to(rows), dim=1)


def fitted_mixture(
    unit: Float[Tensor, "n d"],
    start: Float[Tensor, "n c"],
    known: Int[Tensor, "m"],
    *,
    concentration: float,
    rounds: int,
) -> Float[Tensor, "n c"]:
    """Probabilities of the classes by a mixture of von Mises-Fisher distributions with a common concentration.

    Each round computes every class's share and mean direction from the probabilities (a row counts by its greatest
    one as well), then the probabilities from these: log p(c | x) = concentration * cos(x, mean of c) + log share of c,
    up to a constant. The first m rows are labelled, and stay in their class. A class without a label gets no row.

    Args:
        unit: rows of length 1, the labelled ones first.
        start: probabilities with which the first round begins; those of labelled rows are not read.
        known: labels of the first m rows.
        concentration: how fast the probability of a class falls with the distance from its mean.
        rounds: number of rounds.
    """
    truth = F.one_hot(known, start.shape[1]).to(unit)
    absent = truth.sum(0) == 0
    found = torch.cat([truth, start[len(known) :].to(unit)])
    for _ in range(rounds):
        weights = found * found.amax(1, keepdim=True)
        shares = weights.sum(0) / weights.sum()
        means = F.normalize(weights.T @ unit, dim=1)
        logits = concentration * unit @ means.T + shares.clamp(min=LEAST_SHARE).log()
        logits = logits.masked_fill(absent, -torch.inf)
        found = torch.cat([truth, logits[len(known) :].softmax(1)])
    return found
