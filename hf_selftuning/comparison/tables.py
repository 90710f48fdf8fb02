"""The tables of a comparison, in the layout of the paper: Markdown, LaTeX, CSV and JSON."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict

import pandas as pd

from ..tables import metric_name, seconds
from .grid import Budget
from .summary import Line

UNCLEAR = "°"


def tidy(lines: Sequence[Line]) -> pd.DataFrame:
    """A row a method and budget, scores as fractions."""
    rows = [{**asdict(line), "budget": line.budget.name, "is_clear": line.is_clear} for line in lines]
    return pd.DataFrame(rows)


def markdown(lines: Sequence[Line], *, metric: str, unit_name: str) -> str:
    """Scores, differences to fine-tuning, and cost, each a table of methods by budgets.

    Args:
        lines: of the summary.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
    """
    best = _best(lines)
    scores = _by_budget(lines, unit_name, lambda line: _bold(_score(line), "**", "**", line in best))
    gains = _by_budget(lines, unit_name, _gain)
    costs = _by_budget(lines, unit_name, _cost)
    return "\n\n".join(
        [
            f"Test {metric_name(metric)} (%), mean +- standard deviation over seeds (their number); best bold:",
            _as_markdown(scores),
            "Difference to fine-tuning in points, paired over seeds and test items, with its 95 % interval; "
            f"{UNCLEAR} marks an interval that holds 0:",
            _as_markdown(gains[gains.drop(columns=["type", "method"]).ne("-").any(axis=1)]),
            "Optimizer steps x seconds a step:",
            _as_markdown(costs),
        ]
    )


def latex(lines: Sequence[Line], *, metric: str, unit_name: str) -> str:
    """The table of scores for a paper; needs the package `multirow` and `booktabs`."""
    best = _best(lines)
    frame = _by_budget(
        lines,
        unit_name,
        lambda line: _bold(_escape(_score(line, plus_minus="$\\pm$")), "\\textbf{", "}", line in best),
    )
    frame = frame.rename(columns=_escape)
    frame["method"] = frame["method"].map(_escape)
    return frame.set_index(["type", "method"]).to_latex(
        escape=False,
        multirow=True,
        caption=f"Test {metric_name(metric)} (\\%), mean $\\pm$ standard deviation.",
        label="tab:comparison",
        position="t",
    )


def _by_budget(lines: Sequence[Line], unit_name: str, cell: Callable[[Line], str]) -> pd.DataFrame:
    """A row a method and a column a budget; the lines are in the order of the rows."""
    columns = {budget: f"{budget.title} ({labels:,.0f} {unit_name})" for budget, labels in _budgets(lines).items()}
    rows: dict[str, dict[str, str]] = {}
    for line in lines:
        row = rows.setdefault(
            line.method, {"type": line.family, "method": line.title, **dict.fromkeys(columns.values(), "-")}
        )
        row[columns[line.budget]] = cell(line)
    return pd.DataFrame(list(rows.values()))


def _budgets(lines: Sequence[Line]) -> dict[Budget, float]:
    """Labels of each budget, rising."""
    labels = {line.budget: line.labels for line in lines}
    return dict(sorted(labels.items(), key=lambda item: item[1]))


def _best(lines: Sequence[Line]) -> list[Line]:
    """The line with the best mean of each budget."""
    scored = [line for line in lines if math.isfinite(line.mean)]
    return [
        max((line for line in scored if line.budget == budget), key=lambda line: line.mean)
        for budget in dict.fromkeys(line.budget for line in scored)
    ]


def _score(line: Line, plus_minus: str = "+-") -> str:
    if not math.isfinite(line.mean):
        return "-"
    spread = f" {plus_minus} {100 * line.std:.2f}" if math.isfinite(line.std) else ""
    return f"{100 * line.mean:.2f}{spread} ({line.seeds})"


def _gain(line: Line) -> str:
    if not math.isfinite(line.difference):
        return "-"
    mark = "" if line.is_clear else UNCLEAR
    return f"{100 * line.difference:+.2f}{mark} [{100 * line.low:+.2f}, {100 * line.high:+.2f}]"


def _cost(line: Line) -> str:
    return f"{line.steps:,.0f} x {seconds(line.seconds_per_step)}"


def _bold(text: str, before: str, after: str, wanted: bool) -> str:
    return f"{before}{text}{after}" if wanted else text


def _as_markdown(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "none"
    sides = ["left" if name in ("type", "method") else "right" for name in frame.columns]
    return frame.to_markdown(index=False, disable_numparse=True, colalign=sides)


def _escape(text: str) -> str:
    """What LaTeX would read as a command."""
    for sign in ("%", "_", "&", "#"):
        text = text.replace(sign, f"\\{sign}")
    return text
