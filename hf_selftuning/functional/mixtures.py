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
BLOCK_ROWS = 2**16
"""Number of rows that are scaled at once."""


def half_whitened(*features: Float[Tensor, "_ d"], width: int, block_rows: int = BLOCK_ROWS) -> Float[Tensor, "n w"]:
    """Rows of length 1 in the main directions of the data, each scaled by its standard deviation to the power -1/2.

    The strongest directions often tell apart what no class needs, such as the background of a photograph. Full
    whitening would give noise the same length as the rest, so the scaling goes half of the way.

    Args:
        features: parts of the n rows; each row is scaled to length 1 and centred before.
        width: number of directions that are kept, w; fewer if the rows span fewer.
        block_rows: number of rows that are scaled at once, so that there is no second copy of a large pool.
    """
    blocks = [block for part in features for block in part.to(features[0].device).split(block_rows)]
    count = sum(map(len, blocks))
    kept = min(width, count - 1, features[0].shape[1])
    mean = torch.stack([_unit(block).sum(0) for block in blocks]).sum(0) / count
    if count < len(mean):  # of the two products of the rows, the smaller one has fewer eigenvalues of zero
        rows = torch.cat([_unit(block) - mean for block in blocks])
        variances, vectors = _main_directions(rows @ rows.T, kept)
        # The vectors are the rows' places in the directions, each in units of its standard deviation.
        return F.normalize((vectors * variances**0.25).to(mean), dim=1)
    products = mean.new_zeros(len(mean), len(mean))
    for block in blocks:
        rows = _unit(block) - mean
        products += rows.T @ rows
    variances, vectors = _main_directions(products, kept)
    scaled, found, start = (vectors * variances**-0.25).to(mean), mean.new_empty(count, kept), 0
    for block in blocks:
        found[start : start + len(block)] = F.normalize((_unit(block) - mean) @ scaled, dim=1)
        start += len(block)
    return found


def _unit(rows: Tensor) -> Tensor:
    return F.normalize(rows.float(), dim=1)


def _main_directions(products: Tensor, kept: int) -> tuple[Tensor, Tensor]:
    """The greatest eigenvalues in rising order and their vectors; zero vectors for those that are rounding errors."""
    variances, vectors = torch.linalg.eigh(products.double())
    variances, vectors = variances[-kept:], vectors[:, -kept:]
    return variances.clamp(min=TINY), vectors * (variances > NOISE * variances[-1])


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
        shares, means = _clouds(unit, found)
        logits = (unit @ (concentration * means).T).add_(shares.clamp(min=LEAST_SHARE).log())
        found[len(known) :] = logits.masked_fill_(absent, -torch.inf)[len(known) :].softmax(1)
    return found


def _clouds(unit: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
    """Share and mean direction of each class."""
    weights = found * found.amax(1, keepdim=True)
    return weights.sum(0) / weights.sum(), F.normalize(weights.T @ unit, dim=1)
