"""Soft labels from several teachers, as pure functions; letters in shapes: n rows, t teachers, c classes."""

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from .pseudo_labels import sharpen

COMBINATIONS = ("average", "vote")
"""`average`: the mean of the teachers' probabilities. `vote`: for each class the share of teachers that choose it."""
SMALLEST = 1e-8
"""Least probability, which half precision rounds to 0, so that its logarithm stays finite."""


def combine(probabilities: Float[Tensor, "n t c"], how: str, *, temperature: float = 1.0) -> Float[Tensor, "n c"]:
    """One distribution for each row.

    Args:
        probabilities: of each teacher.
        how: one of `COMBINATIONS`.
        temperature: below 1, the average becomes harder; votes stay as they are.
    """
    if how == "vote":
        return F.one_hot(probabilities.argmax(2), probabilities.shape[2]).float().mean(1)
    mean = probabilities.float().mean(1)
    return mean if temperature == 1 else sharpen(mean.clamp(min=SMALLEST), temperature)


def agreement(probabilities: Float[Tensor, "n t c"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """The share of teachers whose most probable class is the label of the row."""
    return (probabilities.argmax(2) == labels[:, None]).float().mean(1)
