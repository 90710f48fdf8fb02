"""Linear probing: the classifier begins as logistic regression on pretrained features, not at random.

Fine-Tuning can Distort Pretrained Features (Kumar et al., ICLR 2022), https://arxiv.org/abs/2202.10054.
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from torch import Tensor, nn

from .classifier import linear_weights
from .slices import fill

PROBED = 2000
"""Greatest number of labelled examples that the regression learns from; it bounds time and memory."""


def linear_probe(
    features: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    classes: int,
    weights: Float[Tensor, "n"] | None = None,
) -> tuple[Float[Tensor, "c d"], Float[Tensor, "c"]]:
    """Weights and bias of a logistic regression with scikit-learn's regularisation (C = 1), in float32.

    A class without a row gets zero weights and the smallest bias. If all rows are of one class, everything is zero.

    Args:
        features: what the classifier will read.
        labels: labels of the rows, 0 <= label < c.
        classes: number of classes, c.
        weights: of the rows in the loss; None counts each once.
    """
    # Features may be in half precision, which is too coarse for weights.
    weight = features.new_zeros(classes, features.shape[1], dtype=torch.float32)
    bias = weight.new_zeros(classes)
    present = labels.unique().cpu()
    if len(present) < 2:
        return weight, bias
    shares = None if weights is None else weights.cpu().numpy()
    with few_rows_a_class():
        fitted = LogisticRegression(max_iter=1000).fit(features.float().cpu().numpy(), labels.cpu().numpy(), shares)
    found, intercept = fitted.coef_, fitted.intercept_
    if len(present) == 2:  # for two classes scikit-learn returns one row: second minus first
        found, intercept = np.stack([-found[0], found[0]]) / 2, np.array([-intercept[0], intercept[0]]) / 2
    # A class without a row must not win against one that has rows.
    bias.fill_(float(intercept.min()))
    weight[present] = torch.as_tensor(found).to(weight)
    bias[present] = torch.as_tensor(intercept).to(bias)
    return weight, bias


@contextmanager
def few_rows_a_class() -> Iterator[None]:
    """Keep scikit-learn from asking whether labels of classes with one or two rows are numbers to predict."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
        yield


def probe_predictions(
    features: Float[Tensor, "n d"], weight: Float[Tensor, "c d"], bias: Float[Tensor, "c"]
) -> Float[Tensor, "n c"]:
    """Probabilities of the classes by the weights and the bias of a logistic regression."""
    return (features.float() @ weight.float().T + bias.float()).softmax(1)


def cross_validated(features: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, folds: int = 5) -> float | None:
    """Accuracy of the regression on labelled rows that it has not seen, by stratified cross-validation.

    Classes with a single row are left out, because they cannot be in both halves. None if fewer than two are left.

    Args:
        features: as for `linear_probe`.
        labels: as for `linear_probe`.
        folds: greatest number of folds; the smallest class may allow fewer.
    """
    counts = torch.bincount(labels)
    used = counts[labels] > 1
    kept = labels[used]
    if len(kept.unique()) < 2:
        return None
    splits = StratifiedKFold(min(folds, int(counts[counts > 1].min())), shuffle=True, random_state=0)
    regression = LogisticRegression(max_iter=1000)
    with few_rows_a_class():
        scores = cross_val_score(regression, features[used].float().cpu().numpy(), kept.cpu().numpy(), cv=splits)
    return float(scores.mean())


def hidden_halves(labels: Int[Tensor, "n"]) -> Iterator[tuple[Int[Tensor, "h"], Bool[Tensor, "n"]]]:
    """The places of the labels of one half, and which labels are then known; and the same for the other half.

    Classes with a single label are always known. Nothing if fewer than two classes are left.

    Args:
        labels: 0 <= label < c.
    """
    shared = (torch.bincount(labels)[labels] > 1).nonzero()[:, 0]
    if len(labels[shared].unique()) < 2:
        return
    for _, half in StratifiedKFold(2, shuffle=True, random_state=0).split(shared.cpu(), labels[shared].cpu()):
        hidden = shared[torch.as_tensor(half, device=shared.device)]
        known = torch.ones(len(labels), dtype=torch.bool, device=labels.device)
        known[hidden] = False
        yield hidden, known


def set_heads(heads: Iterable[nn.Module], weight: Float[Tensor, "c d"], bias: Float[Tensor, "c"]) -> None:
    """Write weights and bias into each layer that makes logits; a model with two such layers averages them."""
    for head in heads:
        # linear_weights shares memory with the layer, so this writes into the layer.
        for mine, found in zip(linear_weights(head), (weight, bias), strict=True):
            # `.data`, because autograd refuses to write into a parameter in place.
            fill(mine.data, found)
