"""Accuracy as an `evaluate` module, with the unweighted mean of the classes' F1."""

from typing import Any

import datasets
import evaluate
from sklearn.metrics import accuracy_score, f1_score


class Accuracy(evaluate.Metric):
    """The share of right classes, and the unweighted mean of the classes' F1."""

    def _info(self) -> evaluate.MetricInfo:
        label = datasets.Value("int64")
        return evaluate.MetricInfo(
            description="The share of items whose class is right, and the unweighted mean of the F1 of all classes.",
            citation="https://scikit-learn.org/stable/modules/model_evaluation.html",
            inputs_description="predictions and references: the index of the class of each item.",
            features=datasets.Features({"predictions": label, "references": label}),
        )

    def _compute(self, predictions: list[int], references: list[int], **_: Any) -> dict[str, float]:
        f1 = f1_score(references, predictions, average="macro", zero_division=0)
        return {"accuracy": float(accuracy_score(references, predictions)), "f1": float(f1)}
