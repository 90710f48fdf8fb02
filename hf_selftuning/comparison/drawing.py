"""What the figures of a comparison share: the style of each method, axes and legend."""

from collections.abc import Iterable, Sequence
from itertools import cycle
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..experiment.stages.plan import SAME_TIME
from ..report.curves import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from ..report.row import BASELINE
from .grid import Budget
from .summary import Line

COLOURS = (BLUE, GREEN, PURPLE, ORANGE, SKY)
LINES = ("-", "--", (0, (1, 1.5)), "-.")
MARKERS = ("s", "^", "D", "v", "P", "X", "<")
TITLE_LETTERS = 34
"""Number of letters after which a title continues on the next line."""
LETTER, KEY, LINE = 0.075, 0.75, 0.19
"""Inches, at the legend's font size: width of a letter, width of a line's sample, height of a line of text."""

Style = dict[str, object]


def styles_of(lines: Sequence[Line]) -> dict[str, Style]:
    """The style of each method in all figures: fine-tuning black, ours vermilion, the others in turn."""
    families = {line.method: line.family for line in lines}
    markers = cycle(MARKERS)
    kinds = cycle((colour, line) for line in LINES for colour in COLOURS)
    lines_of_ours, markers_of_ours = cycle(LINES), cycle("*Xph")
    styles: dict[str, Style] = {}
    for method, family in families.items():
        if method in (BASELINE, SAME_TIME):
            styles[method] = {"color": BLACK, "linestyle": "-" if method == BASELINE else ":", "marker": "o"}
        elif family == "ours":
            style = {"linestyle": next(lines_of_ours), "marker": next(markers_of_ours)}
            styles[method] = {"color": VERMILION, "linewidth": 2.0, **style}
        else:
            colour, line = next(kinds)
            styles[method] = {"color": colour, "linestyle": line, "marker": next(markers)}
    return styles


def budgets_of(lines: Sequence[Line]) -> list[Budget]:
    """The budgets of the lines, fewest labels first."""
    return [line.budget for line in sorted({line.budget: line for line in lines}.values(), key=lambda x: x.labels)]


def dress(axes: Axes) -> None:
    """Give axes a light grid and no frame."""
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def wrapped(title: str) -> str:
    """A title, broken into lines that fit into a legend."""
    return fill(title, TITLE_LETTERS, break_long_words=False)


def titles_of(lines: Sequence[Line]) -> dict[str, str]:
    """The wrapped title of each method."""
    return {line.method: wrapped(line.title) for line in lines}


def text_size(titles: Iterable[str]) -> tuple[float, float]:
    """Width and height, in inches, of wrapped titles below each other."""
    rows = [row for title in titles for row in title.split("\n")]
    return LETTER * max(map(len, rows), default=0), LINE * len(rows)


def sized(width: float, height: float, titles: Iterable[str]) -> Figure:
    """A figure whose panels take `width` and `height` inches, with room for a legend beside them."""
    wide, high = text_size(titles)
    return Figure(figsize=(width + KEY + wide, max(height, high + 0.3)), layout="constrained")


def place_legend(figure: Figure, *panels: Axes) -> None:
    """Put one legend of all panels beside them."""
    keys = {label: key for axes in panels for key, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(
        list(keys.values()), list(keys), loc="outside right upper", frameon=False, fontsize=9, handlelength=3
    )
