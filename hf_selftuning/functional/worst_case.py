"""Debiased self-training's adversary (Chen et al., NeurIPS 2022), as pure functions; n rows, c classes.

https://arxiv.org/abs/2202.07136
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def reversed_gradient(values: Tensor, factor: float) -> Tensor:
    """The values themselves; a gradient that passes through them is multiplied by minus the factor."""
    fixed = values.detach()
    return fixed - factor * (values - fixed)


def rising_reversal(greatest: float, step: int, length: int) -> float:
    """Factor of the reversed gradient after some steps: it rises from 0 towards `greatest` by half a sigmoid."""
    return greatest * (2 * torch.tensor(max(0, step) / length).sigmoid().item() - 1)


def log_mistake(logits: Float[Tensor, "n c"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """-log(1 - p(label)) of each row, in float32: small if the row gets another class than its label."""
    logits = logits.float()
    others = logits.masked_fill(F.one_hot(labels, logits.shape[1]).bool(), -torch.inf)
    return torch.logsumexp(logits, 1) - torch.logsumexp(others, 1)
