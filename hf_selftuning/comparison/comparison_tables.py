"""The tables of a comparison, in the layout of the paper: Markdown, LaTeX, and the rows of CSV and JSON."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict

import pandas as pd

from ..report.tables import metric_name, percent, seconds
from .cells import Result
from .grid import Budget
from .summary import Line, summarise

UNCLEAR = "°"
"""Marks a difference whose interval holds 0."""
SHOWN = 0.5
"""Fewest seconds before the first step that the table of costs shows."""


def tidy(lines: Sequence[Line]) -> pd.DataFrame:
    """One row for each method and budget; scores are fractions."""
    rows = [{**asdict(line), "budget": line.budget.name, "is_clear": line.is_clear} for line in lines]
    return pd.DataFrame(rows)


def markdown(lines: Sequence[Line], *, metric: str, unit_name: str) -> str:
    """Tables of scores, differences to fine-tuning, cost and health of pseudo-labels, each with methods by budgets.

    Args:
        lines: of the summary.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
    """
    best = best_of(lines)
    scores = by_budget(lines, unit_name, lambda line: bold(score(line), "**", "**", line in best))
    tables = {
        f"Test {metric_name(metric)} (%), mean +- standard deviation over seeds (their number); best bold:": scores,
        "Difference to fine-tuning in points, paired over seeds (their number) and test items, with its 95 % "
        f"interval; {UNCLEAR} marks an interval that holds 0:": _with_figures(by_budget(lines, unit_name, gain)),
        f"{cost_title(lines)}:": by_budget(lines, unit_name, _cost),
    }
    health = _with_figures(by_budget(lines, unit_name, _health))
    if not health.empty:
        tables["Health on dev at the last evaluation: right pseudo-labels / coverage / calibration error (%):"] = (
            health
        )
    return "\n\n".join(part for title, frame in tables.items() for part in (title, _as_markdown(frame)))


def legal_markdown(results: Sequence[Result], *, metric: str, unit_name: str) -> str:
    """Scores and differences to fine-tuning by legal decoding; empty unless every cell of a tagger has them."""
    if not all("legal" in result.decodings for result in results):
        return ""
    lines = summarise([result.by_decoding("legal") for result in results])
    shown = by_budget(lines, unit_name, lambda line: f"{score(line)}, {gain(line)}")
    title = (
        f"Test {metric_name(metric)} (%) by legal decoding, which `hf-selftuning predict --decoding legal` uses, and "
        "the difference to fine-tuning by legal decoding, as above:"
    )
    return f"{title}\n\n{_as_markdown(shown)}"


def latex(lines: Sequence[Line], *, metric: str, unit_name: str) -> str:
    """Scores and paired differences to fine-tuning, for a paper that loads the packages `multirow` and `booktabs`.

    Args:
        lines: of the summary.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
    """
    best = best_of(lines)
    scores = by_budget(
        lines,
        unit_name,
        lambda line: bold(_escape(score(line, plus_minus="$\\pm$")), "\\textbf{", "}", line in best),
    )
    gains = by_budget(lines, unit_name, lambda line: _escape(gain(line)))
    caption = f"Test {metric_name(metric)} (\\%), mean $\\pm$ standard deviation over seeds (their number)."
    differences = (
        "Difference to fine-tuning in points, paired over seeds (their number) and test items, with its 95 \\% "
        f"interval; {_escape(UNCLEAR)} marks an interval that holds 0."
    )
    return "\n".join(
        [_latex_table(scores, caption, "tab:comparison"), _latex_table(gains, differences, "tab:differences")]
    )


def _latex_table(frame: pd.DataFrame, caption: str, label: str) -> str:
    frame = frame.rename(columns=_escape)
    frame["method"] = frame["method"].map(_escape)
    return frame.set_index(["type", "method"]).to_latex(
        escape=False, multirow=True, caption=caption, label=label, position="t"
    )


def _escape(text: str) -> str:
    """Escape the characters that LaTeX reads as commands."""
    for sign in ("%", "_", "&", "#"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace(UNCLEAR, "$^\\circ$")


def by_budget(lines: Sequence[Line], unit_name: str, cell: Callable[[Line], str]) -> pd.DataFrame:
    """One row for each method, in the order of the lines, and one column for each budget."""
    columns = {budget: f"{budget.title} ({labels:,.0f} {unit_name})" for budget, labels in _budgets(lines).items()}
    rows: dict[str, dict[str, str]] = {}
    for line in lines:
        row = rows.setdefault(
            line.method, {"type": line.family, "method": line.title, **dict.fromkeys(columns.values(), "-")}
        )
        row[columns[line.budget]] = cell(line)
    return pd.DataFrame(list(rows.values()))


def _budgets(lines: Sequence[Line]) -> dict[Budget, float]:
    """The budgets with their numbers of labels, fewest first."""
    labels = {line.budget: line.labels for line in lines}
    return dict(sorted(labels.items(), key=lambda item: item[1]))


def best_of(lines: Sequence[Line]) -> list[Line]:
    """For each budget the line with the best mean."""
    scored = [line for line in lines if math.isfinite(line.mean)]
    return [
        max((line for line in scored if line.budget == budget), key=lambda line: line.mean)
        for budget in dict.fromkeys(line.budget for line in scored)
    ]


def score(line: Line, plus_minus: str = "+-") -> str:
    """Mean and spread of the test score in percent, and the number of seeds."""
    if not math.isfinite(line.mean):
        return "-"
    spread = f" {plus_minus} {100 * line.std:.2f}" if math.isfinite(line.std) else ""
    return f"{100 * line.mean:.2f}{spread} ({line.seeds})"


def gain(line: Line) -> str:
    """The paired difference, a mark if its interval holds 0, the interval, and the number of pairs."""
    if not math.isfinite(line.difference):
        return "-"
    mark = "" if line.is_clear else UNCLEAR
    return f"{100 * line.difference:+.2f}{mark} [{100 * line.low:+.2f}, {100 * line.high:+.2f}] ({line.pairs})"


def _health(line: Line) -> str:
    figures = (line.pseudo_label_accuracy, line.pseudo_label_coverage, line.calibration_error)
    return " / ".join(map(percent, figures)) if any(map(math.isfinite, figures)) else "-"


def cost_title(lines: Sequence[Line]) -> str:
    """What the table of costs shows; preparations are named only where a line has some."""
    before = "Seconds before the first step + optimizer" if any(line.seconds_before >= SHOWN for line in lines) else ""
    return f"{before or 'Optimizer'} steps x seconds a step"


def _cost(line: Line) -> str:
    before = f"{seconds(line.seconds_before)} + " if line.seconds_before >= SHOWN else ""
    return f"{before}{line.steps:,.0f} x {seconds(line.seconds_per_step)}"


def bold(text: str, before: str, after: str, wanted: bool) -> str:
    """The text, between the marks if `wanted`."""
    return f"{before}{text}{after}" if wanted else text


def _with_figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that hold something else than dashes."""
    return frame[frame.drop(columns=["type", "method"]).ne("-").any(axis=1)]


def _as_markdown(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "none"
    sides = ["left" if name in ("type", "method") else "right" for name in frame.columns]
    return frame.to_markdown(index=False, disable_numparse=True, colalign=sides)
