"""The figures of a page as SVG that takes the colours of the page, in light and in dark."""

import io
import re
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ...monitoring.log_history import History
from ..curves import BLACK, BLUE, ORANGE, curves_figure

WIDTH = 6.0
"""Inches, so that text of 9 points can still be read on a screen of 400 pixels."""
COLOURS = {"#000000": "currentColor", "#e6e6e6": "var(--grid)", BLUE.lower(): "var(--blue)", "#ffffff": "var(--page)"}
FEW = 25
"""Classes of which a confusion matrix has readable names."""


def inline_svg(figure: Figure, prefix: str, label: str) -> str:
    """A figure as an SVG element with alternative text.

    Args:
        figure: what is drawn.
        prefix: begins the ids of the element, because several figures share a page.
        label: the alternative text, already escaped for HTML.
    """
    FigureCanvasSVG(figure)
    drawn = io.StringIO()
    with rc_context({"svg.hashsalt": prefix, "svg.fonttype": "path"}):
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    # A style element would hold for the whole page; page.css has its rules for figures.
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'id="', f'id="{prefix}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", text)
    for colour, own in COLOURS.items():
        text = text.replace(colour, own)
    head = f'<svg role="img" aria-label="{label}"'
    return re.sub(r'<svg( [^>]*?) width="[^"]*"', rf"{head}\1", re.sub(r' height="[^"]*"', "", text, count=1), count=1)


def training_curves(histories: dict[str, History], metric: str) -> Figure:
    """Loss terms, dev scores and pseudo-labels over steps."""
    figure = curves_figure(histories, metric=metric)
    figure.set_size_inches(WIDTH, figure.get_figheight() * 0.9)
    return figure


def confusion_matrix(confusions: Sequence[Sequence[int]], names: Sequence[str]) -> Figure:
    """How often each class is taken for each other one, as shares of the true class.

    Args:
        confusions: true class, predicted class, and how often.
        names: of at most `FEW` classes.
    """
    counts = np.zeros((len(names), len(names)))
    for truth, guess, count in confusions:
        counts[truth, guess] = count
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = Figure(figsize=(WIDTH, WIDTH), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.ma.masked_equal(shares, 0), cmap="Blues", vmin=-0.15, vmax=1)
    for truth, guess, count in confusions:
        dark = shares[truth, guess] > 0.5
        axes.text(guess, truth, f"{count:,.0f}", ha="center", va="center", fontsize=min(9, 160 / len(names)),
                  color="#fefefe" if dark else "#010101")  # fmt: skip
    short = [name if len(name) <= 22 else name[:21] + "…" for name in names]
    axes.set_xticks(range(len(names)), short, rotation=90)
    axes.set_yticks(range(len(names)), short)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


def calibration_figure(bins: Sequence[Sequence[float]]) -> Figure:
    """The share of right answers over confidence, with the diagonal of perfect calibration."""
    figure, axes = _small()
    axes.plot([0, 100], [0, 100], color="#e6e6e6", linewidth=1.4)
    axes.plot([100 * b[0] for b in bins], [100 * b[1] for b in bins], color=BLUE, marker="o", markersize=4)
    axes.set(xlabel="confidence (%)", ylabel="right (%)", xlim=(0, 102), ylim=(0, 103))
    return figure


def coverage_figure(points: Sequence[Sequence[float | None]]) -> Figure:
    """The share of pseudo-labels that are at least as sure as a threshold, and how many of them are right."""
    figure, axes = _small()
    thresholds = [100 * float(point[0] or 0) for point in points]
    axes.plot(thresholds, [100 * float(point[1] or 0) for point in points], color=BLACK, label="coverage")
    right = [(100 * float(p[0] or 0), 100 * p[2]) for p in points if p[2] is not None]
    if right:
        axes.plot(*zip(*right, strict=True), color=ORANGE, label="accuracy")
    axes.set(xlabel="least confidence (%)", ylabel="pseudo-labels (%)", xlim=(0, 102), ylim=(0, 103))
    axes.legend(frameon=False, fontsize=9)
    return figure


def _small() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH * 0.7, WIDTH * 0.5), layout="constrained")
    axes = figure.subplots()
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
