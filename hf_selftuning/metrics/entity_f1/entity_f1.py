"""Entity F1 as an `evaluate` module; seqeval finds the entities, as the script of CoNLL-2000 does."""

from typing import Any

import datasets
import evaluate
from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score


class EntityF1(evaluate.Metric):
    """Precision, recall and F1 over entities, and accuracy over words."""

    def _info(self) -> evaluate.MetricInfo:
        tags = datasets.List(datasets.Value("string"))
        return evaluate.MetricInfo(
            description="Precision, recall and F1 over named entities: an entity counts if its type and both of its "
            "ends are right. Accuracy is over single words.",
            citation="https://github.com/chakki-works/seqeval",
            inputs_description="predictions and references: IOB2 tags, a list for each sentence.",
            features=datasets.Features({"predictions": tags, "references": tags}),
        )

    def _compute(self, predictions: list[list[str]], references: list[list[str]], **_: Any) -> dict[str, float]:
        return {
            "precision": float(precision_score(references, predictions, zero_division=0)),
            "recall": float(recall_score(references, predictions, zero_division=0)),
            "f1": float(f1_score(references, predictions, zero_division=0)),
            "accuracy": float(accuracy_score(references, predictions)),
        }
