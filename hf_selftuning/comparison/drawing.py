"""What the figures of a comparison share: how methods look, axes and legend."""

from collections.abc import Sequence
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from ..recipe.plan import SAME_TIME
from ..tables import BASELINE
from .grid import Budget
from .summary import Line

COLOURS = (BLUE, GREEN, PURPLE, ORANGE, SKY)
MARKERS = ("s", "^", "D", "v", "P", "X", "<")

Style = dict[str, object]


def styles_of(lines: Sequence[Line]) -> dict[str, Style]:
    """How each method is drawn, in all figures alike: fine-tuning black, ours vermilion, the others by turns."""
    families = {line.method: line.family for line in lines}
    colours, markers = cycle(COLOURS), cycle(MARKERS)
    lines_of_ours, markers_of_ours = cycle(("-", "--", ":", "-.")), cycle("*Xph")
    styles: dict[str, Style] = {}
    for method, family in families.items():
        if method in (BASELINE, SAME_TIME):
            styles[method] = {"color": BLACK, "linestyle": "-" if method == BASELINE else ":", "marker": "o"}
        elif family == "ours":
            style = {"linestyle": next(lines_of_ours), "marker": next(markers_of_ours)}
            styles[method] = {"color": VERMILION, "linewidth": 2.0, **style}
        else:
            styles[method] = {"color": next(colours), "linestyle": "-", "marker": next(markers)}
    return styles


def budgets_of(lines: Sequence[Line]) -> list[Budget]:
    """Of the lines, rising in labels."""
    return [line.budget for line in sorted({line.budget: line for line in lines}.values(), key=lambda x: x.labels)]


def dress(axes: Axes) -> None:
    """A light grid, no frame."""
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def place_legend(figure: Figure, *panels: Axes) -> None:
    """One for all panels, beside them."""
    keys = {label: key for axes in panels for key, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(
        list(keys.values()), list(keys), loc="outside right upper", frameon=False, fontsize=9, handlelength=3
    )
