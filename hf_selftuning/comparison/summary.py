"""One line for each method and budget: means over seeds, and the paired difference to fine-tuning."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..metrics import score_of
from ..monitoring.log_history import last_of
from ..report.intervals import difference_interval, mean_and_std
from ..report.row import BASELINE
from .cells import Result
from .grid import FAMILIES, Budget

ON_DEV = ("pseudo_label_accuracy", "pseudo_label_coverage", "calibration_error")
"""The figures of each line on the pseudo-labels on dev."""


@dataclass(frozen=True)
class Line:
    """A method at a budget, over seeds; scores are fractions, and NaN where there is none.

    Args:
        family: TL, SSL, combined or ours.
        method: as on the command line.
        title: in tables.
        budget: of labels.
        labels: mean number of labelled examples, those held out included.
        held_out: mean number of these that were held out of training.
        seeds: number of seeds.
        mean: of the test score.
        std: standard deviation of the test score, with n - 1.
        dev: mean of the dev score.
        pairs: number of seeds that the method shares with fine-tuning.
        difference: mean difference of the test score to fine-tuning, over these seeds.
        low: lower end of its 95 % interval.
        high: upper end.
        steps: mean number of optimizer steps.
        seconds_per_step: mean of the seeds.
        seconds_before: of the preparations before the first step, mean of the seeds.
        pseudo_label_accuracy: share of right pseudo-labels on dev at the last evaluation, mean of the seeds.
        pseudo_label_coverage: share of dev rows that get a pseudo-label, likewise.
        calibration_error: on dev, likewise.
    """

    family: str
    method: str
    title: str
    budget: Budget
    labels: float
    held_out: float
    seeds: int
    mean: float
    std: float
    dev: float
    pairs: int
    difference: float
    low: float
    high: float
    steps: float
    seconds_per_step: float
    seconds_before: float
    pseudo_label_accuracy: float
    pseudo_label_coverage: float
    calibration_error: float

    @property
    def is_clear(self) -> bool:
        """Whether zero lies outside the interval."""
        return self.low > 0 or self.high < 0

    @property
    def seconds(self) -> float:
        """The seconds of the preparations and of all steps."""
        return self.seconds_before + self.steps * self.seconds_per_step


def summarise(results: Sequence[Result]) -> list[Line]:
    """The lines, sorted by family as in the paper's tables, then by method in the given order, then by labels."""
    groups: dict[tuple[str, Budget], list[Result]] = {}
    for result in results:
        groups.setdefault((result.cell.method, result.cell.budget), []).append(result)
    lines = [_line(group, groups.get((BASELINE, budget), [])) for (_, budget), group in groups.items()]
    order = list(dict.fromkeys(result.cell.method for result in results))
    return sorted(lines, key=lambda line: (FAMILIES.index(line.family), order.index(line.method), line.labels))


def paired(first: Sequence[Result], second: Sequence[Result]) -> tuple[list[Result], list[Result]]:
    """The cells of both methods for the seeds that both have, in the order of the seeds."""
    ours, theirs = ({result.cell.seed: result for result in group} for group in (first, second))
    seeds = sorted(ours.keys() & theirs.keys())
    return [ours[seed] for seed in seeds], [theirs[seed] for seed in seeds]


def counts_of(results: Sequence[Result]) -> np.ndarray | None:
    """The counts of the cells, of shape (seeds, items, 3); None if a cell has none."""
    counts = [result.counts for result in results if result.counts is not None]
    return np.stack(counts) if counts and len(counts) == len(results) else None


def _line(group: Sequence[Result], baseline: Sequence[Result]) -> Line:
    first, rows = group[0], [result.row for result in group]
    tests = [row.test for row in rows if row.test is not None]
    mean, std = mean_and_std(tests) if tests else (math.nan, math.nan)
    pairs, difference, low, high = _difference(group, baseline)
    return Line(
        family=first.family,
        method=first.cell.method,
        title=first.title,
        budget=first.cell.budget,
        labels=_mean([result.labels for result in group]),
        held_out=_mean([result.held_out for result in group]),
        seeds=len(group),
        mean=mean,
        std=std,
        dev=_mean([row.dev for row in rows if row.dev is not None]),
        pairs=pairs,
        difference=difference,
        low=low,
        high=high,
        steps=_mean([row.steps for row in rows]),
        seconds_per_step=_mean([row.seconds_per_step for row in rows if math.isfinite(row.seconds_per_step)]),
        seconds_before=_mean([row.seconds_before for row in rows]),
        **{name: _last_evaluated(group, name) for name in ON_DEV},
    )


def _last_evaluated(group: Sequence[Result], name: str) -> float:
    """The mean of the last logged value, over the cells that logged one."""
    last = [last_of(result.history, f"eval_{name}") for result in group]
    return _mean([value for value in last if value is not None])


def _difference(group: Sequence[Result], baseline: Sequence[Result]) -> tuple[int, float, float, float]:
    ours, theirs = (counts_of(part) for part in paired(group, baseline))
    if group[0].cell.method == BASELINE or ours is None or theirs is None:
        return 0, math.nan, math.nan, math.nan
    difference = float(np.mean(score_of(ours) - score_of(theirs)))
    return len(ours), difference, *difference_interval(ours, theirs)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan
