"""Tables and a picture of the measurements."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tabulate import tabulate

from hf_selftuning.report.curves import BLUE, GREEN, ORANGE, PURPLE, VERMILION

COLUMNS = {
    "title": ("shape", "{}"),
    "ours_seconds": ("our step (s)", "{:.3f}"),
    "step_over_bare": ("our step / bare passes", "{:.2f}"),
    "upkeep_share": ("loss + queues + EMA, share of a step", "{:.1%}"),
    "published_over_ours": ("published step / ours", "{:.2f}"),
    "loss_ours_seconds": ("loss of a stream (s)", "{:.4f}"),
    "loss_published_over_ours": ("published loss / ours", "{:.1f}"),
    "trainer_ratio": ("our trainer / Trainer", "{:.2f}"),
    "predicted_trainer_ratio": ("as the passes predict", "{:.2f}"),
    "waiting_share_0_workers": ("waiting for batches, 0 workers", "{:.1%}"),
    "waiting_share_1_workers": ("1 worker", "{:.1%}"),
    "operator_calls": ("operator calls a step", "{:,.0f}"),
    "operator_calls_beyond_bare": ("of these beyond the bare passes", "{:,.0f}"),
    "operator_calls_of_fixmatch": ("FixMatch: beyond its passes", "{:,.0f}"),
    "operator_calls_of_flexmatch": ("FlexMatch: beyond its passes", "{:,.0f}"),
    "operator_calls_of_mean_teacher": ("Mean Teacher: beyond its passes", "{:,.0f}"),
    "host_syncs": ("device-to-host syncs", "{:.0f}"),
}
GROWING = {"classes": VERMILION, "size": BLUE, "dim": GREEN, "rows": PURPLE}
NAMES = {"classes": "classes", "size": "keys a class", "dim": "projector width", "rows": "rows"}

Figures = dict[str, Any]


def table_of_shapes(shapes: dict[str, Figures]) -> str:
    """A table with one column for each shape and one line for each figure; a dash marks what was not measured."""
    shown = [name for name in COLUMNS if any(name in figures for figures in shapes.values())]
    lines = [
        [COLUMNS[name][0], *(COLUMNS[name][1].format(each[name]) if name in each else "-" for each in shapes.values())]
        for name in shown
    ]
    return tabulate(lines[1:], headers=lines[0], tablefmt="github", disable_numparse=True)


def table_of_growth(grown: dict[str, Figures]) -> str:
    """A table with one line for each size: its first and last value, the times at both, and the log-log slope."""
    lines = [
        [NAMES[name], each["sizes"][0], each["sizes"][-1], *(f"{1000 * each['seconds'][i]:.2f}" for i in (0, -1)),
         f"{each['slope']:.2f}"]
        for name, each in grown.items()
    ]  # fmt: skip
    headers = ["doubled five times", "from", "to", "first (ms)", "last (ms)", "log-log slope"]
    return tabulate(lines, headers=headers, tablefmt="github", disable_numparse=True)


def draw(figures: Figures, path: Path) -> None:
    """Draw the times of steps relative to their bare passes on the left, and the growth of times on the right."""
    figure = Figure(figsize=(9.0, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _draw_steps(left, [each for each in figures["shapes"].values() if "step_over_bare" in each])
    _draw_growth(right, figures["growth"])
    for axes in (left, right):
        axes.grid(color="0.9", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=200)


def _draw_steps(axes: Axes, shapes: list[Figures]) -> None:
    bars = [("ours", BLUE, "this library"), ("published", ORANGE, "as published")]
    for number, (name, colour, label) in enumerate(bars):
        heights = [position + 0.2 - 0.4 * number for position in range(len(shapes))]
        lengths = [each.get(f"{name}_seconds", 0) / each["bare_seconds"] for each in shapes]
        drawn = axes.barh(heights, lengths, 0.36, color=colour, label=label)
        axes.bar_label(drawn, [f"{length:.2f}" if length else "" for length in lengths], padding=3, fontsize=8)
    axes.axvline(1, color="0.3", linewidth=1)
    axes.set_yticks(range(len(shapes)), [each["title"].replace(", ", "\n") for each in shapes], fontsize=8)
    axes.set_xlabel("time of a step / time of its bare passes")
    axes.margins(x=0.12)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _draw_growth(axes: Axes, grown: dict[str, Figures]) -> None:
    for name, each in grown.items():
        label = f"{NAMES[name]}: slope {each['slope']:.2f}"
        factors = [size / each["sizes"][0] for size in each["sizes"]]
        milliseconds = [1000 * value for value in each["seconds"]]
        axes.plot(factors, milliseconds, "o-", color=GROWING[name], markersize=4, linewidth=1.4, label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set(xlabel="factor on the first size", ylabel="loss and enqueue (ms)")
    axes.legend(frameon=False, fontsize=8)
