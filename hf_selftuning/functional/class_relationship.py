"""How target classes relate to source classes, learned from few labelled rows: Co-Tuning's p(source | target).

Letters: n rows, s source classes, t target classes.
"""

from collections.abc import Callable, Iterable

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict

STRENGTHS = np.logspace(-4, 4, 17)
"""Inverse strengths of the regularisation that are tried, as published."""
FOLDS = 5

Batches = Iterable[tuple[np.ndarray, np.ndarray]]


def direct(batches: Batches, classes: int) -> Float[np.ndarray, "t s"]:
    """Rows p(source | target): the mean source probabilities of the rows of each class, one batch at a time.

    Args:
        batches: source probabilities (n, s) and target classes (n,) of labelled rows.
        classes: how many target classes there are; one without a row gets the mean of all.
    """
    sums, counts = np.zeros((classes, 1)), np.zeros(classes)
    for probabilities, labels in batches:
        ones = np.eye(classes)[labels]
        sums, counts = sums + ones.T @ probabilities, counts + ones.sum(0)
    means = np.where(counts[:, None] > 0, sums, sums.sum(0))
    return means / means.sum(1, keepdims=True)


def by_bayes(batches: Batches, classes: int) -> Float[np.ndarray, "t s"]:
    """Rows p(source | target) by Bayes' rule from p(target | source), which logistic regression gives.

    The regression reads source probabilities, has no intercept, and the strength of its regularisation and the
    scale of its logits are chosen by cross-validation, where the paper has a validation set.

    Args:
        batches: source probabilities (n, s) and target classes (n,) of labelled rows.
        classes: how many target classes there are; one without a row gets the mean of all.

    Raises:
        ValueError: a class has a single row, so that none is left to validate on.
    """
    probabilities, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    present, counts = np.unique(labels, return_counts=True)
    if counts.min() < 2 or len(present) < 2:
        raise ValueError(
            f"Of {len(present)} labelled classes the smallest has {counts.min()} rows, and Co-Tuning by Bayes' rule "
            "needs two classes of two rows, to learn from and to validate on; take relationship=direct, or label more."
        )
    folds = StratifiedKFold(min(FOLDS, counts.min()), shuffle=True, random_state=0)
    search = GridSearchCV(
        LogisticRegression(fit_intercept=False, max_iter=1000),
        {"C": STRENGTHS}, scoring="neg_log_loss", cv=folds,
    ).fit(probabilities, labels)  # fmt: skip
    held_out = cross_val_predict(search.best_estimator_, probabilities, labels, cv=folds, method="decision_function")
    scale = calibration(_both_sides(held_out), np.searchsorted(present, labels))
    # The source class s is the row with all its probability on s, whose logits are the weights of s.
    target_given_source = softmax(scale * _both_sides(search.best_estimator_.coef_.T.squeeze()), axis=1)
    marginal = probabilities.mean(0)
    found = np.tile(marginal, (classes, 1))
    found[present] = target_given_source.T * marginal
    return found / found.sum(1, keepdims=True)


def calibration(logits: Float[np.ndarray, "n t"], labels: Int[np.ndarray, "n"]) -> float:
    """The factor of held-out logits under which the labels are likeliest."""

    def loss(exponent: float) -> float:
        return -log_softmax(np.exp(exponent) * logits, axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def _both_sides(logits: np.ndarray) -> Float[np.ndarray, "n t"]:
    """Of two classes scikit-learn gives the second's logit alone; the first's is 0."""
    return np.stack([np.zeros_like(logits), logits], axis=1) if logits.ndim == 1 else logits


RELATIONSHIPS: dict[str, Callable[[Batches, int], np.ndarray]] = {"bayes": by_bayes, "direct": direct}
