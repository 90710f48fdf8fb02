"""Whether the names of the classes help to tell them apart, as one more labelled example each."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, cat

from ..functional.label_propagation import centered
from .linear_probe import hidden_halves, linear_probe, probe_predictions

ENOUGH = 0.5
"""Share of the labelled examples whose nearest name must be theirs, where there are too few labels to hide some."""


@dataclass(frozen=True)
class NameChoice:
    """Whether the names count, and the shares of labelled examples from which this follows.

    Args:
        used: whether they do.
        shares: of hidden labels that are found without and with the names; None if there were too few to hide some.
        nearest: of the labelled examples, those whose nearest name is their own.
    """

    used: bool
    shares: tuple[float, float] | None
    nearest: float

    def __str__(self) -> str:
        verb = "count" if self.used else "do not count"
        if self.shares is None:
            return (
                f"names of classes {verb} as labelled examples (the nearest name is right for {self.nearest:.1%} of "
                "the labelled ones)"
            )
        without, beside = self.shares
        return (
            f"names of classes {verb} as labelled examples (cross-validated accuracy on the labels: without names "
            f"{without:.1%}, with them {beside:.1%})"
        )


def name_choice(
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    names: Float[Tensor, "c d"],
    named: Int[Tensor, "c"],
) -> NameChoice:
    """Hide one half of the labels, then the other, and see whether a probe finds more of them with the names.

    With one label a class there is none to hide. Then the names count if they are nearest to their own class's example
    at least half of the time.

    Args:
        features: of the labelled rows.
        labels: their classes.
        names: features of the classes' names.
        named: the class of each name.
    """
    rows = centered(features, names)
    nearest = named[(rows[: len(labels)] @ rows[len(labels) :].T).argmax(1)]
    right = float((nearest == labels).float().mean())
    found, count = torch.zeros(2), 0
    for hidden, known in hidden_halves(labels):
        count += len(hidden)
        without = features[known], labels[known]
        beside = cat([without[0], names.to(features)]), cat([without[1], named])
        for place, learned in enumerate((without, beside)):
            probe = linear_probe(*learned, len(named))
            found[place] += (probe_predictions(features[hidden], *probe).argmax(1) == labels[hidden]).sum().cpu()
    if not count:
        return NameChoice(right >= ENOUGH, None, right)
    without_names, with_names = (found / count).tolist()
    return NameChoice(with_names >= without_names, (without_names, with_names), right)
