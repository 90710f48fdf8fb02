"""Linear probing: the classifier begins as logistic regression on pretrained features, not at random.

Fine-Tuning can Distort Pretrained Features (Kumar et al., ICLR 2022), https://arxiv.org/abs/2202.10054.
"""

from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from .classifier import linear_weights

PROBED = 2000
"""Labelled examples at most that the regression learns from, which bounds its time and memory."""


def linear_probe(
    features: Float[Tensor, "n d"], labels: Int[Tensor, "n"], classes: int
) -> tuple[Float[Tensor, "c d"], Float[Tensor, "c"]]:
    """Weights and bias of a logistic regression, as scikit-learn regularises it (C = 1).

    A class without a row gets no weight and the smallest bias; with rows of one class alone all are zero.

    Args:
        features: what the classifier will read.
        labels: of the rows, 0 <= label < c.
        classes: how many there are.
    """
    weight, bias = features.new_zeros(classes, features.shape[1]), features.new_zeros(classes)
    present = labels.unique().cpu()
    if len(present) < 2:
        return weight, bias
    fitted = LogisticRegression(max_iter=1000).fit(features.float().cpu().numpy(), labels.cpu().numpy())
    found, intercept = fitted.coef_, fitted.intercept_
    if len(present) == 2:  # scikit-learn has one row for two classes, the difference of theirs
        found, intercept = np.stack([-found[0], found[0]]) / 2, np.array([-intercept[0], intercept[0]]) / 2
    bias.fill_(float(intercept.min()))
    weight[present] = torch.as_tensor(found).to(weight)
    bias[present] = torch.as_tensor(intercept).to(bias)
    return weight, bias


def set_heads(heads: Iterable[nn.Module], weight: Float[Tensor, "c d"], bias: Float[Tensor, "c"]) -> None:
    """Write weights and bias into the layers that make the logits, the same into each where their mean counts."""
    for head in heads:
        for mine, found in zip(linear_weights(head), (weight, bias), strict=True):  # views of the layer's own
            mine.data.copy_(found)
