"""Tables and lists of rows, for the terminal and for Markdown documents."""

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pandas as pd
from tabulate import tabulate

from ..metrics import Counts, score_of
from .row import Row, baseline_of

TEXT_COLUMNS = ("method", "preset")


def terminal_table(rows: Sequence[Row], metric: str, unit_name: str, paths: dict[str, Path]) -> str:
    """The table that a command prints at its end, and below it the paths of the files that it wrote.

    Args:
        rows: the rows, in the order of the table.
        metric: `f1` or `accuracy`.
        unit_name: what `labeled` and `unlabeled` count, `sentences` or `images`.
        paths: the files and a name for each, such as `{"model": ..., "table": ..., "curve": ...}`.
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
    """The same table in Markdown, with two more columns: the seed and the difference to fine-tuning."""
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


def bullets(facts: Mapping[str, Any]) -> str:
    """A Markdown list with a line `- name: value` for each fact."""
    return "\n".join(f"- {name}: {in_words(value)}" for name, value in facts.items())


def in_words(value: object) -> str:
    """A value as text for readers: an enum by its value, a collection with commas between its items."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(in_words, value))
    return "none" if value is None else str(value)


def decoding_lines(decodings: Mapping[str, Counts], metric: str) -> list[str]:
    """A line for the score of each decoding, such as `legal decoding: F1 71.20 %`; none where there is one answer."""
    scores = {name: float(score_of(counts)) for name, counts in decodings.items()}
    return [f"{name} decoding: {metric_name(metric)} {percent(score)} %" for name, score in scores.items()]


def metric_name(metric: str) -> str:
    """The name of a metric in running text."""
    return {"f1": "F1"}.get(metric, metric)


def percent(score: float | None) -> str:
    """A fraction in percent; `-` for a missing score."""
    return "-" if score is None or math.isnan(score) else f"{100 * score:.2f}"


def seconds(value: float) -> str:
    """Seconds with three significant digits, and no digit below a millisecond; `-` if they are not finite."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _difference(row: Row, rows: Sequence[Row], split: str) -> str:
    """Points by which the row is above its fine-tuning row."""
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
    """The path relative to the current directory if it lies below that, else the absolute path."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path.absolute()
