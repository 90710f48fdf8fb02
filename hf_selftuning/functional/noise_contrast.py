"""Finding a representation among those of other examples, as a pure function; n rows, m in memory, d width."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

LARGEST = 1 - 1e-6
"""Greatest probability of a wrong representation, so that its loss stays finite."""


def noise_contrast(
    rows: Float[Tensor, "n d"],
    own: Float[Tensor, "n d"],
    memory: Float[Tensor, "m d"],
    others: Bool[Tensor, "n m"],
    *,
    temperature: float,
) -> Float[Tensor, "n"]:
    """Noise contrastive estimation of each row, PIRL (arXiv 1912.01991) equations (4) and (5).

    -log h(own) - sum over the others of log(1 - h(other)), where h is the softmax, over a row's own representation and
    the others', of the cosines over the temperature. It is computed in float32.

    Args:
        rows: representations of length 1.
        own: what each row should find.
        memory: representations of examples.
        others: which of them are other examples than the row's.
        temperature: the paper's tau.
    """
    with torch.autocast(rows.device.type, enabled=False):
        right = (rows.float() * own.float()).sum(1) / temperature
        wrong = (rows.float() @ memory.float().T / temperature).masked_fill(~others, torch.finfo(torch.float32).min)
        total = torch.logaddexp(right, torch.logsumexp(wrong, 1)) if wrong.shape[1] else right
        mistaken = (wrong - total[:, None]).exp().clamp(max=LARGEST)
        return total - right - torch.log1p(-mistaken).masked_fill(~others, 0).sum(1)
