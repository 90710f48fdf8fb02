"""What a comparison found, as sentences."""

import math
from collections.abc import Sequence

from ..report.tables import metric_name
from .cells import Result
from .label_worth import Findings
from .summary import Line

CURVE = (
    "Read off the learning curve of fine-tuning, drawn so that it never falls: gains of more labels cannot come out "
    "below 0. In brackets 95 % intervals over seeds and test items."
)


def worth_sentences(found: Findings, *, metric: str, unit_name: str) -> list[str]:
    """What the unlabelled data was worth, and what more labels would give.

    Args:
        found: what the learning curve of fine-tuning shows.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
    """
    if not found.labels:
        return [
            "Fine-tuning at two budgets or more would show what the unlabelled data was worth in labels; here it has "
            "no such learning curve."
        ]
    said = [CURVE] if found.worths or found.advice else []
    said += [
        f"{worth.title} at {worth.labels:,.0f} labels = fine-tuning at {_about(worth.equivalent, found.labels)} "
        f"[{_count(worth.low, found.labels)}, {_count(worth.high, found.labels)}]."
        for worth in found.worths
    ]
    unit = metric_name(metric) if metric == "f1" else "points"
    said += [
        f"Labelling {hint.extra:,} more {unit_name} than {hint.labels:,.0f} would give fine-tuning about "
        f"{100 * hint.gain:+.1f} {unit} [{100 * hint.low:+.1f}, {100 * hint.high:+.1f}]."
        for hint in found.advice
    ]
    return said


def gated(results: Sequence[Result]) -> tuple[int, int]:
    """Number of cells whose safety gate lowered the weight of unlabelled data, and number of cells with a gate."""
    lowest = [
        min(shares)
        for result in results
        if (shares := [line["unlabeled_share"] for line in result.history if "unlabeled_share" in line])
    ]
    return sum(share < 1 for share in lowest), len(lowest)


def selection_sentence(lines: Sequence[Line], selected_by: str | None, *, gated: tuple[int, int] = (0, 0)) -> str:
    """What was held out of training, and what it was used for.

    Args:
        lines: of the table.
        selected_by: the score that chose checkpoints; None if the last step is scored.
        gated: number of cells whose safety gate acted, and number of cells with a gate.
    """
    held = {line.budget.title: f"{line.held_out:,.0f} of {line.labels:,.0f}" for line in lines if line.held_out}
    kept = (
        "No label was held out"
        if not held
        else "Of the labels, "
        + "; ".join(f"{count} were held out of training at {title}" for title, count in held.items())
    )
    chosen = (
        f"the checkpoint with the best {selected_by} on them is scored" if selected_by else "the last step is scored"
    )
    steered, watched = gated
    gate = f" The safety gate lowered the weight of unlabelled data in {steered} of the {watched} cells that had one."
    chosen += f".{gate if watched else ''}"
    return f"{kept}; {chosen} Test was scored once a cell, and nothing was selected on it."


def _about(labels: float, budgets: Sequence[float]) -> str:
    if math.isinf(labels):
        return f"{_count(labels, budgets)} labels, the {'largest' if labels > 0 else 'smallest'} budget run"
    return f"about {_count(labels, budgets)} labels"


def _count(labels: float, budgets: Sequence[float]) -> str:
    """A number of labels; an infinite one lies outside the budgets."""
    if math.isinf(labels):
        return f"more than {budgets[-1]:,.0f}" if labels > 0 else f"fewer than {budgets[0]:,.0f}"
    return f"{labels:,.0f}"
