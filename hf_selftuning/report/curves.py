"""Learning curves of one or several runs: loss terms, dev scores and pseudo-labels over steps."""

from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from ..monitoring import log_history as read
from ..monitoring.log_history import History, Points, Series

# The colours of Okabe & Ito, "Color Universal Design", are distinct for readers with any colour vision. Their yellow
# is left out, since it is too light for lines.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
TERM_COLOURS = (GREEN, ORANGE, SKY, PURPLE, VERMILION, BLUE)
PSEUDO_LABEL_COLOURS = (BLACK, ORANGE, PURPLE)
RUN_COLOURS = (VERMILION, BLUE, GREEN, PURPLE, BLACK)
RUN_STYLES = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)))
WIDTH, PANEL_HEIGHT = 9.0, 2.5  # inches
LABEL_HEIGHT = 11.0  # points


def draw_curves(histories: dict[str, History], path: Path, *, metric: str) -> None:
    """Save the learning curves as a picture.

    Args:
        histories: `state.log_history` of each run, by the name of the run in the legend.
        path: file to write; its suffix determines the format.
        metric: name of the dev score, a fraction logged as `eval_<metric>` or `eval_dev_<metric>`.
    """
    figure = curves_figure(histories, metric=metric)
    FigureCanvasAgg(figure)  # without pyplot, which would change the user's backend
    figure.savefig(path, dpi=200)  # twice the width of a README column, for sharp text


def curves_figure(histories: dict[str, History], *, metric: str) -> Figure:
    """A figure with up to three panels: loss terms, dev scores, pseudo-labels; a panel without data is left out."""
    losses, scores = read.losses(histories), read.scores(histories, metric)
    pseudo_labels = read.pseudo_labels(histories)
    count = sum(map(bool, (losses, scores, pseudo_labels)))
    figure = Figure(figsize=(WIDTH, PANEL_HEIGHT * max(count, 1)), layout="constrained")
    if not count:
        figure.text(0.5, 0.5, "No curves: nothing was logged; lower logging_steps.", ha="center", va="center")
        return figure
    panels = iter(figure.subplots(count, sharex=True, squeeze=False)[:, 0])
    if losses:
        _draw_losses(next(panels), losses, list(histories))
    if scores:
        _draw_scores(next(panels), scores, list(histories), metric)
    if pseudo_labels:
        _draw_pseudo_labels(next(panels), pseudo_labels, list(histories))
    _finish(figure)
    return figure


def _draw_losses(axes: Axes, losses: Series, runs: list[str]) -> None:
    terms = [term for term in losses if term != read.TOTAL]
    _draw_quantities(axes, losses, runs, {read.TOTAL: BLACK, **_cycle(terms, TERM_COLOURS)})
    axes.set_ylabel("training loss")
    values = [value for lines in losses.values() for _, column in lines.values() for value in column]
    if min(values) > 0 and max(values) >= 10 * min(values):
        _make_logarithmic(axes, few_decades=max(values) < 300 * min(values))


def _draw_pseudo_labels(axes: Axes, pseudo_labels: Series, runs: list[str]) -> None:
    _draw_quantities(axes, pseudo_labels, runs, _cycle(list(pseudo_labels), PSEUDO_LABEL_COLOURS))
    axes.set(ylabel="pseudo-labels (%)", ylim=(0, 103))


def _draw_quantities(axes: Axes, series: Series, runs: list[str], colours: dict) -> None:
    """Draw each quantity in its own colour and each run in its own line style."""
    styles = _cycle(runs[::-1], RUN_STYLES)
    for quantity, lines in series.items():
        for run, (steps, values) in lines.items():
            marker = "o" if len(steps) == 1 else ""
            axes.plot(steps, values, color=colours[quantity], linestyle=styles[run], marker=marker, label=run)
    keys = [Line2D([], [], color=colours[quantity], label=quantity) for quantity in series]
    shown = [run for run in runs if any(run in lines for lines in series.values())]
    if len(runs) > 1:
        keys += [Line2D([], [], color="0.45", linestyle=styles[run], label=run) for run in shown]
    _place_legend(axes, keys)


def _draw_scores(axes: Axes, scores: dict[str, Points], runs: list[str], metric: str) -> None:
    colours, styles = _cycle(runs[::-1], RUN_COLOURS), _cycle(runs[::-1], RUN_STYLES)
    for run, (steps, values) in scores.items():
        axes.plot(steps, values, color=colours[run], linestyle=styles[run], marker="o", markersize=4, label=run)
    axes.set_ylabel(f"dev {'F1' if metric == 'f1' else metric} (%)")
    _place_legend(axes, list(axes.get_lines()))
    low, high = axes.get_ylim()
    room = max(0.08 * (high - low), (4 - (high - low)) / 2)  # at least 4 points high, so that 0.1 points look small
    axes.set_ylim(low - room, high + room)
    for last_step in {steps[-1] for steps, _ in scores.values()}:
        ends = {run: values[-1] for run, (steps, values) in scores.items() if steps[-1] == last_step}
        _label_scores(axes, last_step, ends, colours)


def _label_scores(axes: Axes, step: int, ends: dict[str, float], colours: dict) -> None:
    """Write the last scores beside their points, and move apart those that would overlap."""
    low, high = axes.get_ylim()
    points_per_unit = 0.85 * 72 * PANEL_HEIGHT / (high - low)
    runs = sorted(ends, key=lambda run: ends[run])
    heights = [ends[run] * points_per_unit for run in runs]
    shifts = [0.0]
    for gap in (above - below for below, above in pairwise(heights)):
        shifts.append(max(0.0, shifts[-1] + LABEL_HEIGHT - gap))
    centre = sum(shifts) / len(shifts)
    for run, shift in zip(runs, shifts, strict=True):
        axes.annotate(f"{ends[run]:.2f}", (step, ends[run]), (6, shift - centre), textcoords="offset points",
                      color=colours[run], va="center", fontsize=9)  # fmt: skip


def _make_logarithmic(axes: Axes, *, few_decades: bool) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few_decades else (1,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def _finish(figure: Figure) -> None:
    """Set what all panels have in common: a light grid, no frame, and steps from 0 with room for the last label."""
    last_step = max(axes.dataLim.xmax for axes in figure.axes)
    for axes in figure.axes:
        axes.grid(color="0.9", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(0, 1.1 * max(last_step, 1))
        for line in axes.get_lines():
            line.set_linewidth(1.4)
    figure.axes[-1].set_xlabel("optimizer step")
    figure.align_ylabels()


def _place_legend(axes: Axes, keys: list[Line2D]) -> None:
    """Place the legend beside the panel, where it covers no line."""
    axes.legend(handles=keys, loc="upper left", bbox_to_anchor=(1.01, 1.03), frameon=False, fontsize=9)


def _cycle(names: list[str], values: tuple) -> dict:
    return {name: values[index % len(values)] for index, name in enumerate(names)}
