"""How far two predictions of the same rows are apart, as pure functions; letters in shapes: n rows, c classes."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def symmetric_divergence(first: Float[Tensor, "n c"], second: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """(KL(p1 || p2) + KL(p2 || p1)) / 2 of the softmaxes of two logits of each row: R-Drop (arXiv 2106.14448).

    It is computed in float32, with gradients through both.
    """
    one, other = F.log_softmax(first.float(), dim=1), F.log_softmax(second.float(), dim=1)
    # Both divergences together are the sum of the difference of the probabilities times that of their logarithms.
    return ((one.exp() - other.exp()) * (one - other)).sum(1) / 2
