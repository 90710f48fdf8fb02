"""Metrics of the library `evaluate`: those of this package, and any other by its name or path."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

import evaluate

from .accuracy.accuracy import Accuracy
from .entity_f1.entity_f1 import EntityF1

logger = logging.getLogger(__name__)

OWN = {"entity_f1": EntityF1, "accuracy": Accuracy}
"""The metrics of this package. They are made from their classes, which needs neither a network nor a cache."""
RESERVED = {"loss", "runtime", "samples_per_second", "steps_per_second", "epoch", "step"}


@dataclass(frozen=True)
class Metric:
    """A metric that a run computes beside its own.

    Args:
        name: what its scores are called in logs, results and cards.
        module: of `evaluate`.
    """

    name: str
    module: Any

    def scores(self, predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
        """The numbers that the metric gives, by name; a score that has the metric's own name has no other word in it.

        Args:
            predictions: lists of tags for words, class indices for images.
            references: the truth, in the same form.

        Raises:
            ValueError: the metric failed, or it gave no number.
        """
        try:
            found = _flat(self.module.compute(predictions=list(predictions), references=list(references)) or {})
        except Exception as error:
            raise ValueError(
                f"The metric {self.name} failed ({type(error).__name__}: {error}); it gets lists of tags for words, "
                "and class indices for images."
            ) from error
        numbers = {self._called(key): float(value) for key, value in found.items()}
        if not numbers:
            raise ValueError(f"The metric {self.name} gave no finite number; give a metric that gives scores.")
        return numbers

    def _called(self, key: str) -> str:
        return self.name if key == self.name else f"{self.name}_{key}"


def load_metrics(given: Iterable[str]) -> list[Metric]:
    """Load metrics before anything trains.

    Args:
        given: for each metric a name of this package (`entity_f1`, `accuracy`), the path of a module of `evaluate`, or
            its name on the Hub.

    Raises:
        ValueError: a metric cannot be loaded, or two have one name.
    """
    metrics = [Metric(_name(text), _module(text)) for text in given]
    names = [metric.name for metric in metrics]
    if twice := sorted({name for name in names if names.count(name) > 1 or name in RESERVED}):
        raise ValueError(f"The name of the metric {twice[0]} is taken; give each metric once, with a name of its own.")
    return metrics


def all_scores(metrics: Iterable[Metric], predictions: Sequence[Any], references: Sequence[Any]) -> dict[str, float]:
    """The scores of several metrics by name; one that fails is left out with a warning, and costs no training."""
    found, failed = try_scores(metrics, predictions, references)
    for reason in failed:
        logger.warning("%s", reason)
    return found


def try_scores(
    metrics: Iterable[Metric], predictions: Sequence[Any], references: Sequence[Any]
) -> tuple[dict[str, float], list[str]]:
    """The scores of several metrics by name, and for each metric that fails a sentence that says why."""
    found: dict[str, float] = {}
    failed: list[str] = []
    for metric in metrics:
        try:
            found |= metric.scores(predictions, references)
        except ValueError as error:
            failed.append(str(error))
    return found, failed


def _name(text: str) -> str:
    return Path(text).stem if Path(text).exists() else text.rpartition("/")[2]


def _module(text: str) -> Any:
    if text in OWN:
        return OWN[text](keep_in_memory=True)
    try:
        # In memory, so that processes that score at the same time share no file.
        return evaluate.load(text, keep_in_memory=True)
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ValueError(
            f"The metric {text} cannot be loaded ({first}); give {' or '.join(OWN)}, the path of a module of "
            "`evaluate`, or a name on the Hub where the Hub answers."
        ) from error


def _flat(found: Mapping[str, Any], before: str = "") -> dict[str, float]:
    """The finite numbers of a result; those of a nested result get the names of both."""
    numbers: dict[str, float] = {}
    for key, value in found.items():
        if isinstance(value, Mapping):
            numbers |= _flat(value, f"{before}{key}_")
        elif isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
            numbers[f"{before}{key}"] = float(value)
    return numbers
