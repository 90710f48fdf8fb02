"""What a classifier begins as when it has seen the whole pool: a probe on labelled and unlabelled rows alike.

Each unlabelled row gets a label from three sources: logistic regression on the labelled rows, labels propagated over
the nearest neighbours of all rows, and a mixture of one cloud of rows a class, unless the labels speak against it. The
values were chosen on training and validation queries of CLINC150, which no table scores, and on birds of other
classes than those of our tables.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, cat, randperm

from ..functional.label_propagation import centered, geometric_mean, spread_labels
from ..functional.mixtures import fitted_mixture, half_whitened
from .linear_probe import hidden_halves, linear_probe, probe_predictions

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
JUDGED = 5_000
"""Greatest number of unlabelled rows beside which the clouds are judged; it bounds the time."""


@dataclass(frozen=True)
class CloudChoice:
    """Whether the clouds are used, and the shares of hidden labels that are found without and with them.

    Args:
        used: whether they are.
        scores: both shares; None if there were too few labels to hide some.
    """

    used: bool
    scores: tuple[float, float] | None = None

    def __str__(self) -> str:
        if self.scores is None:
            return "one cloud a class corrects the labels (too few labels a class for cross-validation)"
        without, beside = self.scores
        verb = "corrects" if self.used else "does not correct"
        return (
            f"one cloud a class {verb} the labels (cross-validated accuracy on the labels: without clouds "
            f"{without:.1%}, with them {beside:.1%})"
        )


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
    *,
    clouds: bool = True,
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
        clouds: whether the mixture counts; see `cloud_choice`.
    """
    without, beside = _both_predictions(features, labels, pool, classes, probe, clouds=clouds)
    return without if beside is None else beside


def cloud_choice(
    features: Float[Tensor, "n d"], labels: Int[Tensor, "n"], pool: Float[Tensor, "m d"], classes: int
) -> CloudChoice:
    """Hide one half of the labels, then the other, and see whether the clouds find more of them.

    Images of a kind lie in a cloud, and intents of sentences often do not. The clouds are used unless the labels speak
    against them; with one label a class there is none to hide.

    Args:
        features: of the labelled rows.
        labels: their classes.
        pool: features of the unlabelled rows.
        classes: number of classes, c.
    """
    pool = pool[randperm(len(pool), generator=Generator().manual_seed(0)).to(pool.device)[:JUDGED]]
    right, count = torch.zeros(2), 0
    for hidden, known in hidden_halves(labels):
        count += len(hidden)
        others = cat([features[hidden], pool.to(features)])
        both = _both_predictions(features[known], labels[known], others, classes)
        found = [predictions[: len(hidden)].argmax(1) for predictions in both if predictions is not None]
        right += torch.stack([(classes_ == labels[hidden]).sum().cpu() for classes_ in found])
    if not count:
        return CloudChoice(True)
    without, beside = (right / count).tolist()
    return CloudChoice(beside >= without, (without, beside))


def _both_predictions(
    features: Tensor, labels: Tensor, pool: Tensor, classes: int, probe: tuple[Tensor, Tensor] | None = None,
    *, clouds: bool = True,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """Predictions of probe and graph, and the same with the clouds; None for these if they do not count."""
    probed = probe_predictions(pool, *(probe or linear_probe(features, labels, classes)))
    spread = spread_labels(
        centered(features, pool), labels, classes, neighbors=NEIGHBORS, exponent=EXPONENT, mixing=MIXING, even=True
    )
    per_class = len(labels) / max(1, len(labels.unique()))
    first = geometric_mean(probed, spread, per_class / (per_class + EQUAL_AT))
    if not clouds:
        return first, None
    rows = half_whitened(features, pool, width=WIDTH)
    start = cat([first.new_zeros(len(labels), classes), first])
    mixture = fitted_mixture(rows, start, labels, concentration=CONCENTRATION, rounds=ROUNDS)
    return first, geometric_mean(mixture[len(labels) :], first, 0.5)
