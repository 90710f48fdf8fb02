"""The rows of a comparison, as the tables that people read."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tabulate import tabulate

BASELINE = "fine_tuning"
TEXT_COLUMNS = ("method", "preset")


@dataclass(frozen=True)
class Row:
    """One trained model and its scores.

    Attributes:
        method: as the command names it, such as `self_tuning`.
        preset: the named settings of the method, empty for none.
        labeled: number of labelled sentences or images.
        unlabeled: number of unlabelled ones.
        dev: score as a fraction; `None` if the split was not scored.
        test: score as a fraction; `None` if the split was not scored.
        steps: optimizer steps.
        seconds_per_step: mean over the training.
        seed: of the training, not of the split.
        settings: what the method was set to.
    """

    method: str
    preset: str
    labeled: int
    unlabeled: int
    dev: float | None
    test: float | None
    steps: int
    seconds_per_step: float
    seed: int
    settings: dict


def terminal_table(rows: Sequence[Row], metric: str, unit_name: str, paths: dict[str, Path]) -> str:
    """The table that a command prints last, and below it where its files are.

    Args:
        rows: one line each, in this order.
        metric: `f1` or `accuracy`.
        unit_name: what `labeled` and `unlabeled` count, `sentences` or `images`.
        paths: the files by what they are, such as `{"model": ..., "table": ..., "curve": ...}`.
    """
    score = f"{metric_name(metric)} %"
    columns = {
        "method": [row.method for row in rows],
        "preset": [row.preset for row in rows],
        f"labelled\n{unit_name}": [f"{row.labeled:,}" for row in rows],
        f"unlabelled\n{unit_name}": [f"{row.unlabeled:,}" for row in rows],
        f"dev\n{score}": [percent(row.dev) for row in rows],
        f"test\n{score}": [percent(row.test) for row in rows],
        "steps": [f"{row.steps:,}" for row in rows],
        "s/step": [seconds(row.seconds_per_step) for row in rows],
    }
    table = tabulate(columns, headers="keys", tablefmt="simple", disable_numparse=True, colalign=_alignment(columns))
    width = max(map(len, paths), default=0)
    return "\n".join([table, "", *(f"{name:<{width}}  {_short(path)}" for name, path in paths.items())])


def markdown_table(rows: Sequence[Row], metric: str, unit_name: str) -> str:
    """The same numbers for a document, with the seed and the gain over fine-tuning."""
    split = "dev" if all(row.test is None for row in rows) else "test"
    columns = {
        "method": [f"`{row.method}`" for row in rows],
        "preset": [row.preset for row in rows],
        f"labelled {unit_name}": [f"{row.labeled:,}" for row in rows],
        f"unlabelled {unit_name}": [f"{row.unlabeled:,}" for row in rows],
        f"dev {metric_name(metric)} (%)": [percent(row.dev) for row in rows],
        f"test {metric_name(metric)} (%)": [percent(row.test) for row in rows],
        f"{split}, difference to fine-tuning (points)": [_difference(row, rows, split) for row in rows],
        "steps": [f"{row.steps:,}" for row in rows],
        "s/step": [seconds(row.seconds_per_step) for row in rows],
        "seed": [str(row.seed) for row in rows],
    }
    return pd.DataFrame(columns).to_markdown(index=False, disable_numparse=True, colalign=_alignment(columns))


def metric_name(metric: str) -> str:
    """How prose writes the metric."""
    return {"f1": "F1"}.get(metric, metric)


def percent(score: float | None) -> str:
    """A fraction in percent, `-` for a score that does not exist."""
    return "-" if score is None or math.isnan(score) else f"{100 * score:.2f}"


def seconds(value: float) -> str:
    """Three significant digits, down to milliseconds."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def baseline_of(row: Row, rows: Sequence[Row]) -> Row | None:
    """Fine-tuning on as many labels, with the same seed; None where it is not there, or is the row itself."""
    same_data = [other for other in rows if (other.labeled, other.seed) == (row.labeled, row.seed)]
    found = next((other for other in same_data if other.method == BASELINE), None)
    return None if found is row else found


def _difference(row: Row, rows: Sequence[Row], split: str) -> str:
    """Points between the row and fine-tuning."""
    baseline = baseline_of(row, rows)
    if baseline is None:
        return "-"
    score, reference = (row.test, baseline.test) if split == "test" else (row.dev, baseline.dev)
    if score is None or reference is None:
        return "-"
    points = 100 * (score - reference)
    return f"{points:+.2f}" if math.isfinite(points) else "-"


def _alignment(columns: dict[str, list[str]]) -> list[str]:
    return ["left" if name in TEXT_COLUMNS else "right" for name in columns]


def _short(path: Path) -> Path:
    """Relative to the current directory if it lies below."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path.absolute()
