"""Figures of a comparison: score against labels, curves over steps, gain over fine-tuning, cost against score."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from ..experiment.stages.plan import SAME_TIME
from ..files import replacing
from ..report.tables import metric_name
from .cells import Result
from .drawing import budgets_of, dress, place_legend, sized, styles_of, text_size, titles_of
from .over_steps import QUANTITIES, over_steps
from .summary import Line

HEIGHT = 3.4  # inches a panel


def draw_all(
    folder: Path, lines: Sequence[Line], results: Sequence[Result], *, metric: str, unit_name: str
) -> list[str]:
    """Save every figure that has something to show; returns the names of their files.

    Args:
        folder: of the files.
        lines: of the summary.
        results: of the finished cells.
        metric: `f1` or `accuracy`.
        unit_name: `sentences` or `images`.
    """
    # Without a test part no line has a mean, and the figure over steps still shows all of them.
    lines = [line for line in lines if math.isfinite(line.mean)] or list(lines)
    figures = {
        "score_against_labels": labels_figure(lines, metric=metric, unit_name=unit_name),
        "over_steps": steps_figure(lines, results, metric=metric),
        "gain": gain_figure(lines),
        "cost": cost_figure(lines, metric=metric),
    }
    names = []
    for name, figure in figures.items():
        if figure is not None:
            FigureCanvasAgg(figure)  # draws without pyplot, so that the user's backend stays as it is
            with replacing(folder / f"{name}.png") as path:
                figure.savefig(path, dpi=200)
            names.append(f"{name}.png")
    return names


def labels_figure(lines: Sequence[Line], *, metric: str, unit_name: str) -> Figure | None:
    """Test score over labels, with its standard deviation over seeds; None with a single budget."""
    counts = sorted({line.labels for line in lines if math.isfinite(line.mean)})
    if len(counts) < 2:
        return None
    titles = titles_of(lines)
    figure = sized(5.5, 4.2, titles.values())
    axes = figure.subplots()
    for method, style in styles_of(lines).items():
        mine = [line for line in lines if line.method == method]
        axes.errorbar(
            [line.labels for line in mine], [100 * line.mean for line in mine],
            yerr=[100 * line.std if math.isfinite(line.std) else 0 for line in mine],
            label=titles[method], capsize=2, elinewidth=0.8, **style,  # type: ignore[arg-type]
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,.0f}" for count in counts])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel=f"labelled {unit_name}", ylabel=f"test {metric_name(metric)} (%)")
    dress(axes)
    place_legend(figure, axes)
    return figure


def steps_figure(lines: Sequence[Line], results: Sequence[Result], *, metric: str) -> Figure | None:
    """Dev score and accuracy of pseudo-labels over steps, one row of panels for each budget.

    A line is the mean of the seeds, and the band around it their range.
    """
    styles, titles = styles_of(lines), titles_of(lines)
    series = {budget: over_steps(results, budget, metric) for budget in budgets_of(lines)}
    shown = [name for name in QUANTITIES if any(of_budget.get(name) for of_budget in series.values())]
    if not shown:
        return None
    figure = sized(4.2 * len(shown), HEIGHT * len(series), titles.values())
    panels = figure.subplots(len(series), len(shown), squeeze=False)
    for row, (budget, of_budget) in zip(panels, series.items(), strict=True):
        for axes, name in zip(row, shown, strict=True):
            curves = of_budget.get(name, {})
            for method in (method for method in styles if method in curves):
                steps, values = curves[method]
                style = {key: value for key, value in styles[method].items() if key != "marker"}
                axes.plot(steps, np.nanmean(values, 0), label=titles[method], **style)
                axes.fill_between(steps, np.nanmin(values, 0), np.nanmax(values, 0), color=style["color"], alpha=0.12)
            axes.set(title=budget.title, xlabel="optimizer step", ylabel=QUANTITIES[name].format(metric_name(metric)))
            dress(axes)
    place_legend(figure, *panels.flat)
    return figure


def gain_figure(lines: Sequence[Line]) -> Figure | None:
    """Difference to fine-tuning with its interval, one panel for each budget; hollow if it holds 0."""
    lines = [line for line in lines if math.isfinite(line.difference)]
    if not lines:
        return None
    styles, budgets = styles_of(lines), budgets_of(lines)
    methods, titles = list(styles)[::-1], titles_of(lines)
    wide, high = text_size(titles.values())
    size = (0.4 + wide + 2.8 * len(budgets), 1.2 + high + 0.15 * len(methods))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(budgets), sharey=True, squeeze=False)[0]
    for axes, budget in zip(panels, budgets, strict=True):
        for line in lines:
            if line.budget == budget:
                ends = [[100 * (line.difference - line.low)], [100 * (line.high - line.difference)]]
                colour = styles[line.method]["color"]
                axes.errorbar(
                    [100 * line.difference], [methods.index(line.method)], xerr=np.maximum(ends, 0), capsize=3,
                    color=colour, marker="o", markerfacecolor=colour if line.is_clear else "white",
                )  # fmt: skip
        axes.axvline(0, color="0.5", linewidth=0.8)
        axes.set(title=budget.title, xlabel="points over fine-tuning")
        dress(axes)
    panels[0].set_yticks(range(len(methods)), [titles[method] for method in methods], fontsize=9)
    panels[0].set_ylim(-0.6, len(methods) - 0.4)
    return figure


def cost_figure(lines: Sequence[Line], *, metric: str) -> Figure | None:
    """Test score over seconds of training, one panel for each budget."""
    lines = [line for line in lines if math.isfinite(line.seconds) and math.isfinite(line.mean)]
    if not lines:
        return None
    styles, budgets, titles = styles_of(lines), budgets_of(lines), titles_of(lines)
    figure = sized(3.0 * len(budgets), HEIGHT, titles.values())
    panels = figure.subplots(1, len(budgets), squeeze=False)[0]
    for axes, budget in zip(panels, budgets, strict=True):
        for line in lines:
            if line.budget == budget:
                style = styles[line.method]
                hollow = "white" if line.method == SAME_TIME else style["color"]
                axes.plot(line.seconds, 100 * line.mean, linestyle="", markersize=8, label=titles[line.method],
                          color=style["color"], marker=style["marker"], markerfacecolor=hollow)  # fmt: skip
        axes.set(title=budget.title, xlabel="seconds of training", ylabel=f"test {metric_name(metric)} (%)")
        axes.set_xlim(0, 1.05 * max(line.seconds for line in lines if line.budget == budget))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        dress(axes)
    place_legend(figure, *panels)
    return figure
