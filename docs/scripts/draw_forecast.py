"""Draws the gain that a forecast promised and the gain that came, from docs/figures/forecast.json.

python docs/scripts/draw_forecast.py
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr
from svg import PALETTES, Palette, document, element, text

FIGURES = Path(__file__).parents[1] / "figures"
POINTS = FIGURES / "forecast.json"
WIDTH, PLOT, LEFT, BOTTOM, LINE = 560.0, 270.0, 64.0, 60.0, 22.0
TITLE = "Forecast gain and real gain for each draw of the labels"
KINDS = {
    "pool": "forecast scored on the unlabelled examples",
    "folds": "scored by cross-validation on the labels",
}


@dataclass(frozen=True)
class Point:
    """One draw of labels: gains in points of accuracy, or of F1 for words.

    Args:
        comparison: its folder.
        budget: labels, as in tables.
        seed: of the draw.
        pool: forecast gain of propagation over the probe, on the unlabelled examples with their true classes.
        folds: the same by cross-validation on the labels, as a user without true classes sees it; None with one
            label a class.
        real: gain of Self-Tuning over fine-tuning on the test examples.
    """

    comparison: str
    budget: str
    seed: int
    pool: float
    folds: float | None
    real: float

    @property
    def of_words(self) -> bool:
        """Whether the draw is one of sentences."""
        return self.comparison.startswith("words")


def correlation(points: Sequence[Point], kind: str) -> tuple[float, int]:
    """Spearman's rank correlation of forecast and real gain, and the number of points that have this forecast."""
    pairs = [(getattr(point, kind), point.real) for point in points if getattr(point, kind) is not None]
    return float(spearmanr(*zip(*pairs, strict=True)).statistic), len(pairs)


def table(points: Sequence[Point]) -> str:
    """The correlations as a Markdown table, for the page; words apart from images and texts."""
    lines = ["| data | settings | " + " | ".join(KINDS.values()) + " |", "|---|---|---|---|"]
    for name, of_words in (("images and texts", False), ("words", True)):
        some = [point for point in points if point.of_words is of_words]
        found = (correlation(some, kind) for kind in KINDS)
        settings = len({(point.comparison, point.budget) for point in some})
        cells = (f"{value:.2f} ({count} draws)" for value, count in found)
        lines.append(f"| {name} | {settings} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def sentence(points: Sequence[Point]) -> str:
    """What the figure shows, for those who cannot see it."""
    words, others = ([point for point in points if point.of_words is of_words] for of_words in (True, False))
    return (
        "Spearman's rank correlation of forecast and real gain is "
        f"{correlation(others, 'pool')[0]:.2f} for images and texts and {correlation(words, 'pool')[0]:.2f} for words."
    )


@dataclass(frozen=True)
class Frame:
    """Where the values of the plot lie; both axes have the same range.

    Args:
        first: lowest value, in points.
        last: highest value.
        top: pixels above the plot, which hold the names of the settings.
    """

    first: float
    last: float
    top: float

    def across(self, value: float) -> float:
        """Pixels from the left."""
        return LEFT + (value - self.first) / (self.last - self.first) * (WIDTH - LEFT - 20)

    def up(self, value: float) -> float:
        """Pixels from the top."""
        return self.top + PLOT - (value - self.first) / (self.last - self.first) * PLOT

    def grid(self, paint: Palette) -> Iterator[str]:
        """Lines and numbers at each ten points."""
        for tick in range(int(self.first), int(self.last) + 1, 10):
            ink, said = paint.line if tick else paint.faint, f"{tick:+d}" if tick else "0"
            x, y = self.across(tick), self.up(tick)
            low, high = self.up(self.first), self.up(self.last)
            yield element("line", x1=x, x2=x, y1=low, y2=high, stroke=ink, stroke_width=1)
            yield element("line", x1=LEFT, x2=WIDTH - 20, y1=y, y2=y, stroke=ink, stroke_width=1)
            yield text(x, low + 20, said, size=14, fill=paint.faint, text_anchor="middle")
            yield text(LEFT - 8, y + 5, said, size=14, fill=paint.faint, text_anchor="end")

    def names(self, paint: Palette) -> Iterator[str]:
        """What the axes show."""
        given: dict[str, Any] = {"size": 15, "fill": paint.ink, "text_anchor": "middle"}
        below, beside = self.top + PLOT + BOTTOM - 14, f"translate(18 {self.top + PLOT / 2:g}) rotate(-90)"
        yield text(WIDTH / 2, below, "forecast gain: propagation over probe, in points", **given)
        yield text(0, 0, "real gain: Self-Tuning over fine-tuning", transform=beside, **given)


def drawing(points: Sequence[Point], paint: Palette) -> str:
    """The figure: real gain over forecast gain on the pool; each setting has a mark of its own."""
    values = [value for point in points for value in (point.pool, point.real)]
    settings = list(dict.fromkeys((point.comparison, point.budget) for point in points))
    top = 26 + LINE * -(-len(settings) // 2)
    frame = Frame(10 * (min(0.0, *values) // 10), 10 * (max(values) // 10 + 1), top)
    height = top + PLOT + BOTTOM
    parts = [element("rect", x=0, y=0, width=WIDTH, height=height, fill=paint.page)]
    parts += [*frame.grid(paint), *frame.names(paint)]
    for number, setting in enumerate(settings):
        colour, shape, x, y = paint.classes[number % 3], number // 3, LEFT + 6 + 240 * (number % 2), number // 2
        parts.append(mark(x, 20 + LINE * y, shape, colour))
        parts.append(text(x + 14, 25 + LINE * y, ", ".join(setting), size=14, fill=paint.ink))
        own = [point for point in points if (point.comparison, point.budget) == setting]
        parts += [mark(frame.across(point.pool), frame.up(point.real), shape, colour) for point in own]
    return document(WIDTH, height, title=TITLE, description=sentence(points), parts=parts)


def mark(x: float, y: float, shape: int, colour: str) -> str:
    """A disc; for further settings a square, then a ring, then a hollow square."""
    if shape == 0:
        return element("circle", cx=x, cy=y, r=5.5, fill=colour, fill_opacity=0.8)
    if shape == 1:
        return element("rect", x=x - 5, y=y - 5, width=10, height=10, fill=colour, fill_opacity=0.8)
    if shape == 2:
        return element("circle", cx=x, cy=y, r=5, fill="none", stroke=colour, stroke_width=2.5)
    return element("rect", x=x - 4, y=y - 4, width=8, height=8, fill="none", stroke=colour, stroke_width=2.5)


def read() -> list[Point]:
    """The points that were measured."""
    return [Point(**one) for one in json.loads(POINTS.read_text(encoding="utf-8"))]


def files() -> dict[Path, str]:
    """What each figure should hold."""
    points = read()
    return {FIGURES / f"forecast-{scheme}.svg": drawing(points, paint) for scheme, paint in PALETTES.items()}


def main() -> None:
    """Draw, and print the correlations."""
    for path, content in files().items():
        path.write_text(content, encoding="utf-8")
    print(sentence(read()))


if __name__ == "__main__":
    main()
