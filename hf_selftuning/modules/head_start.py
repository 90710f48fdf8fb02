"""What a classifier begins as when it has seen the whole pool: a probe on labelled and unlabelled rows alike.

Each unlabelled row gets a label from three sources: logistic regression on the labelled rows, labels propagated over
the nearest neighbours of all rows, and a mixture of one cloud of rows a class. The values were chosen on CLINC150's
queries and on birds of classes that are in none of our tables.
"""

from jaxtyping import Float, Int
from torch import Generator, Tensor, cat, randperm

from ..functional.label_propagation import centered, geometric_mean, spread_labels
from ..functional.mixtures import fitted_mixture, half_whitened
from .linear_probe import linear_probe, probe_predictions

STARTS = ("none", "probe", "propagate")
"""What a classifier can begin as, in the order of what it has seen: nothing, the labelled rows, all rows."""
NEIGHBORS = 15
EXPONENT = 3.0
MIXING = 0.9
WIDTH = 256
CONCENTRATION = 20.0
ROUNDS = 10
EQUAL_AT = 4.0
"""Number of labels a class at which both sources count the same; with fewer the graph counts more."""
FITTED = 20_000
"""Greatest number of unlabelled rows that the last regression learns from; it bounds time and memory."""


def certain_probe(
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    pool: Float[Tensor, "m d"],
    predictions: Float[Tensor, "m c"],
) -> tuple[Float[Tensor, "c d"], Float[Tensor, "c"]]:
    """Weights and bias of a logistic regression on labelled and unlabelled rows, the latter weighted by confidence.

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows.
        predictions: probabilities of the unlabelled rows' classes, as of `pool_predictions`.
    """
    # The pool may be sorted by length; of a large one, a random part is learned from.
    order = randperm(len(pool), generator=Generator().manual_seed(0)).to(pool.device)[:FITTED]
    pool, predictions = (pool, predictions) if len(pool) <= FITTED else (pool[order], predictions[order])
    confidence, guesses = predictions.max(1)
    rows = cat([features, pool.to(features)])
    weights = cat([confidence.new_ones(len(labels)), confidence])
    return linear_probe(rows, cat([labels, guesses]), predictions.shape[1], weights)


def pool_predictions(
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    pool: Float[Tensor, "m d"],
    classes: int,
    probe: tuple[Float[Tensor, "c d"], Float[Tensor, "c"]] | None = None,
) -> Float[Tensor, "m c"]:
    """Probabilities of the unlabelled rows' classes: of a probe, the graph and a mixture of one cloud a class.

    The geometric mean of probe and graph comes first. The probe's share in it grows with the number m of labels a
    class, m / (m + EQUAL_AT): one label says little about where a class ends, and many say more than the neighbours
    do. The mixture begins with that mean, and the result is the geometric mean of both.

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows.
        classes: number of classes, c.
        probe: weights and bias of `linear_probe` on the labelled rows; None fits it here.
    """
    probed = probe_predictions(pool, *(probe or linear_probe(features, labels, classes)))
    unit = centered(cat([features, pool.to(features)]))
    spread = spread_labels(unit, labels, classes, neighbors=NEIGHBORS, exponent=EXPONENT, mixing=MIXING, even=True)
    per_class = len(labels) / max(1, len(labels.unique()))
    first = geometric_mean(probed, spread, per_class / (per_class + EQUAL_AT))
    rows = half_whitened(cat([features, pool.to(features)]), WIDTH)
    start = cat([first.new_zeros(len(labels), classes), first])
    mixture = fitted_mixture(rows, start, labels, concentration=CONCENTRATION, rounds=ROUNDS)
    return geometric_mean(mixture[len(labels) :], first, 0.5)
