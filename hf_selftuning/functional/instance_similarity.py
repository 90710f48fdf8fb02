"""Similarities of rows with labelled embeddings; letters in shapes: n rows, d width, m embeddings, c classes.

SimMatch (Zheng et al., CVPR 2022), https://arxiv.org/abs/2203.06915.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


def instance_similarity(
    rows: Float[Tensor, "n d"], memory: Float[Tensor, "m d"], filled: Bool[Tensor, "m"], *, temperature: float
) -> Float[Tensor, "n m"]:
    """Log-probability of each labelled embedding for each row: the log-softmax of cosines over the temperature.

    It is computed in float32. A slot without an embedding gets 0, and no part of the probability.

    Args:
        rows: embeddings of length 1.
        memory: labelled embeddings of length 1.
        filled: which slots of the memory hold an embedding.
        temperature: the paper's t.
    """
    with torch.autocast(rows.device.type, enabled=False):
        scores = rows.float() @ memory.float().T / temperature
    # A finite floor, not -inf, which would make NaN of a memory without any embedding.
    floor = torch.finfo(scores.dtype).min / 2
    return F.log_softmax(scores.masked_fill(~filled, floor), dim=1).masked_fill(~filled, 0)


def unfolded(
    similarity: Float[Tensor, "n m"], predictions: Float[Tensor, "n c"], labels: Int[Tensor, "m"]
) -> Float[Tensor, "n m"]:
    """The similarity of each embedding times the prediction of its class, normalised.

    Args:
        similarity: probabilities of the embeddings, 0 in empty slots.
        predictions: probabilities of the classes.
        labels: class of each embedding.
    """
    both = similarity * predictions[:, labels]
    return both / both.sum(1, keepdim=True).clamp(min=torch.finfo(both.dtype).tiny)


def aggregated(similarity: Float[Tensor, "n m"], labels: Int[Tensor, "m"], classes: int) -> Float[Tensor, "n c"]:
    """The sum of the similarities of each class's embeddings."""
    return similarity.new_zeros(len(similarity), classes).index_add_(1, labels, similarity)
