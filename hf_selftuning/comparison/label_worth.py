"""How many labels the unlabelled data was worth, read off the learning curve of fine-tuning."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ..metrics import score_of
from ..report.intervals import interval, likely_scores
from .cells import Result
from .grid import Budget
from .learning_curve import Baseline, LearningCurve

TRANSFER = "TL"
"""The family of methods that use no unlabelled data."""


@dataclass(frozen=True)
class Worth:
    """The number of labels with which fine-tuning reaches a method's score.

    Args:
        title: of the method.
        labels: number of labels that the method had.
        equivalent: number of labels that fine-tuning needs for the same score; infinite (plus or minus) outside the
            budgets that were run.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    title: str
    labels: float
    equivalent: float
    low: float
    high: float


@dataclass(frozen=True)
class Advice:
    """What more labels would give fine-tuning.

    Args:
        labels: number of labels that fine-tuning had.
        extra: number of further labels.
        gain: rise of the score with the further labels, as a fraction.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    labels: float
    extra: int
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Findings:
    """What the learning curve of fine-tuning shows.

    Args:
        labels: numbers of labels of the curve's budgets; empty without a curve.
        worths: of the methods that learn from unlabelled data.
        advice: for each budget but the largest.
    """

    labels: list[float]
    worths: list[Worth]
    advice: list[Advice]

    def in_words(self) -> dict[str, Any]:
        """The fields for JSON; a number outside the budgets becomes `above 160` or `below 10`."""
        fields = asdict(self)
        for worth in fields["worths"]:
            for name in ("equivalent", "low", "high"):
                if math.isinf(worth[name]):
                    side = f"above {self.labels[-1]:g}" if worth[name] > 0 else f"below {self.labels[0]:g}"
                    worth[name] = side
        return fields


def findings(results: Sequence[Result]) -> Findings:
    """What fine-tuning's learning curve shows, with intervals over seeds and test items; empty without a curve."""
    baseline = Baseline(results)
    if not baseline.is_curve:
        return Findings([], [], [])
    return Findings(baseline.labels, _worths(baseline, results), _advice(baseline))


def _worths(baseline: Baseline, results: Sequence[Result]) -> list[Worth]:
    groups: dict[tuple[str, Budget], list[Result]] = {}
    for result in results:
        if result.family != TRANSFER:
            groups.setdefault((result.cell.method, result.cell.budget), []).append(result)
    found = [_worth(baseline, group) for group in groups.values()]
    return sorted((worth for worth in found if worth is not None), key=lambda worth: worth.labels)


def _advice(baseline: Baseline) -> list[Advice]:
    """For each budget except the largest, the gain from about as many labels again, at most up to the largest."""
    counts = baseline.counts()
    scores, means = likely_scores(counts), score_of(counts).mean(1)
    found = []
    for labels in baseline.labels[:-1]:
        extra = min(_round_down(labels), math.floor(baseline.labels[-1] - labels))
        if extra < 1:
            continue
        gains = _gains(baseline.labels, scores, labels, extra)
        gain = float(_gains(baseline.labels, means, labels, extra))
        found.append(Advice(labels, extra, gain, *interval(gains)))
    return found


def _worth(baseline: Baseline, method: Sequence[Result]) -> Worth | None:
    counts = baseline.with_method(method)
    if counts is None:
        return None
    means = score_of(counts).mean(1)
    drawn = _equivalents(baseline.labels, likely_scores(counts))
    labels = float(np.mean([result.labels for result in method]))
    return Worth(method[0].title, labels, float(_equivalents(baseline.labels, means)), *interval(drawn))


def _equivalents(labels: Sequence[float], scores: Float[np.ndarray, "*n b"]) -> Float[np.ndarray, "*n"]:
    """For each row, the number of labels at which the curve of its other scores reaches its last score."""
    return LearningCurve(labels, scores[..., :-1]).labels_for(scores[..., -1])


def _gains(
    labels: Sequence[float], scores: Float[np.ndarray, "*n b"], at: float, extra: int
) -> Float[np.ndarray, "*n"]:
    curve = LearningCurve(labels, scores)
    return curve.score(at + extra) - curve.score(at)


def _round_down(labels: float) -> int:
    """Round down to one digit: 140 gives 100."""
    unit = 10 ** int(math.log10(max(labels, 1)))
    return max(int(labels // unit) * unit, 1)
