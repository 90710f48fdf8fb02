"""Category relationship of Co-Tuning (You et al., NeurIPS 2020): p(source class | target class) from labelled rows.

The source classes are those of the pretrained model, the target classes those of the labels.
Letters in shapes: n rows, s source classes, t target classes.
"""

from collections.abc import Callable, Iterable

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict

STRENGTHS = np.logspace(-4, 4, 17)
"""Values of C, the inverse strength of regularisation, that cross-validation compares; from the published code."""
FOLDS = 5
"""Folds of the cross-validation; fewer if the smallest class has fewer rows."""

Batches = Iterable[tuple[np.ndarray, np.ndarray]]


def direct(batches: Batches, classes: int) -> Float[np.ndarray, "t s"]:
    """Estimate p(source | target) of each target class as the mean source probabilities of its rows.

    Args:
        batches: source probabilities (n, s) and target classes (n,) of labelled rows, one batch at a time.
        classes: number of target classes, t; a class without a row gets the mean of all rows.
    """
    # (t, 1) becomes (t, s) with the first batch; the number of source classes, s, is not known before.
    sums, counts = np.zeros((classes, 1)), np.zeros(classes)
    for probabilities, labels in batches:
        ones = np.eye(classes)[labels]
        sums, counts = sums + ones.T @ probabilities, counts + ones.sum(0)
    means = np.where(counts[:, None] > 0, sums, sums.sum(0))
    return means / means.sum(1, keepdims=True)


def by_bayes(batches: Batches, classes: int) -> Float[np.ndarray, "t s"]:
    """Estimate p(source | target) by Bayes' rule from p(target | source), which a logistic regression predicts.

    The regression predicts the target class from the source probabilities and has no intercept. Cross-validation
    chooses the strength of its regularisation and the scale of its logits; the paper uses a validation set instead.

    Args:
        batches: source probabilities (n, s) and target classes (n,) of labelled rows, one batch at a time.
        classes: number of target classes, t; a class without a row gets the mean of all rows.

    Raises:
        ValueError: there is only one class, or a class has only one row, so that cross-validation is impossible.
    """
    probabilities, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    present, counts = np.unique(labels, return_counts=True)
    if counts.min() < 2 or len(present) < 2:
        raise ValueError(
            f"The labelled rows have {len(present)} classes, and the smallest class has {counts.min()} rows. "
            "Co-Tuning by Bayes' rule needs at least two classes with two rows each, to learn from and to validate "
            "on; set relationship=direct, or label more examples."
        )
    folds = StratifiedKFold(min(FOLDS, counts.min()), shuffle=True, random_state=0)
    search = GridSearchCV(
        LogisticRegression(fit_intercept=False, max_iter=1000),
        {"C": STRENGTHS}, scoring="neg_log_loss", cv=folds,
    ).fit(probabilities, labels)  # fmt: skip
    held_out = cross_val_predict(search.best_estimator_, probabilities, labels, cv=folds, method="decision_function")
    scale = calibration(_both_sides(held_out), np.searchsorted(present, labels))
    # A row that is certain of source class s is a one-hot vector, so that its logits are the weights of s.
    target_given_source = softmax(scale * _both_sides(search.best_estimator_.coef_.T.squeeze()), axis=1)
    marginal = probabilities.mean(0)
    found = np.tile(marginal, (classes, 1))
    # Bayes' rule: p(source | target) is proportional to p(target | source) p(source).
    found[present] = target_given_source.T * marginal
    return found / found.sum(1, keepdims=True)


def calibration(logits: Float[np.ndarray, "n t"], labels: Int[np.ndarray, "n"]) -> float:
    """The factor of held-out logits that makes the labels most likely (temperature scaling)."""

    def loss(exponent: float) -> float:
        return -log_softmax(np.exp(exponent) * logits, axis=1)[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x))


def _both_sides(logits: np.ndarray) -> Float[np.ndarray, "n t"]:
    """Logits of both classes: for two classes scikit-learn returns only the logit of the second; the first is 0."""
    return np.stack([np.zeros_like(logits), logits], axis=1) if logits.ndim == 1 else logits


RELATIONSHIPS: dict[str, Callable[[Batches, int], np.ndarray]] = {"bayes": by_bayes, "direct": direct}
"""The estimates by the value of the setting `relationship`."""
