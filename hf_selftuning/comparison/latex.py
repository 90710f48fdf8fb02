"""The tables of a comparison for a paper; they need the packages `multirow` and `booktabs`."""

from collections.abc import Sequence

import pandas as pd

from ..report.tables import metric_name
from .comparison_tables import UNCLEAR, best_of, bold, by_budget, gain, score
from .summary import Line


def latex(lines: Sequence[Line], *, metric: str, unit_name: str) -> str:
    """Scores, and the paired differences to fine-tuning with their intervals.

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
    return "\n".join([_table(scores, caption, "tab:comparison"), _table(gains, differences, "tab:differences")])


def _table(frame: pd.DataFrame, caption: str, label: str) -> str:
    frame = frame.rename(columns=_escape)
    frame["method"] = frame["method"].map(_escape)
    return frame.set_index(["type", "method"]).to_latex(
        escape=False, multirow=True, caption=caption, label=label, position="t"
    )


def _escape(text: str) -> str:
    """What LaTeX would read as a command."""
    for sign in ("%", "_", "&", "#"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace(UNCLEAR, "$^\\circ$")
