"""Draw the figure of the README and of the start page: what Self-Tuning does with labelled and unlabelled images.

    python docs/scripts/draw_method.py

writes docs/figures/self_tuning-light.svg and -dark.svg.
"""

from pathlib import Path
from typing import Any

from svg import PALETTES, Palette, document, element, text

FOLDER = Path(__file__).parents[1] / "figures"
SIZE = (800, 430)
LARGE, SMALL = 26, 23
CARD = 58
LANES = (112, 202, 292)  # middles of the class queues, from top to bottom
KEYS = ("11011", "01101", "10110")  # keys of each queue, 1 where the example has a label
BIRD = "M7 45C9 28 20 18 34 18 35 10 45 7 51 13L60 17 52 21C53 37 42 49 27 49L19 49 4 55Z"
TITLE = "Self-Tuning"
DESCRIPTION = (
    "Few labelled and many unlabelled images go through your model and through its moving average. The average's keys "
    "wait in one queue for each class, from labels and from guesses alike. The model's query is pulled to the keys of "
    "its own class and pushed away from those of all other classes."
)


def arrow(start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 3, **more: object) -> str:
    """A line with a head, whose tip is at `end`."""
    (x, y), (to_x, to_y) = start, end
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
    along = ((to_x - x) / length, (to_y - y) / length)
    head = 3.2 * width + 3
    foot = (to_x - head * along[0], to_y - head * along[1])
    sides = [(foot[0] + sign * 0.6 * head * along[1], foot[1] - sign * 0.6 * head * along[0]) for sign in (1, -1)]
    tip = " ".join(f"{a:.1f},{b:.1f}" for a, b in ((to_x, to_y), *sides))
    line = element("line", x1=x, y1=y, x2=foot[0], y2=foot[1], stroke=colour, stroke_width=width, **more)
    return line + element("polygon", points=tip, fill=colour)


def bird(x: float, y: float, scale: float, colour: str, eye: str) -> str:
    """A bird of 64 units, whose upper left corner is at (x, y)."""
    legs = element("path", d="M26 49V58M34 48V58", stroke=colour, stroke_width=3, fill="none")
    parts = element("path", d=BIRD, fill=colour) + legs + element("circle", cx=45, cy=17, r=2.6, fill=eye)
    return element("g", parts, transform=f"translate({x:g} {y:g}) scale({scale:g})")


def card(x: float, y: float, colour: str, paint: Palette, **more: Any) -> str:
    """An image of a bird."""
    frame: dict[str, Any] = {"rx": 9, "fill": "none", "stroke": colour, "stroke_width": 3, **more}
    return element("rect", x=x, y=y, width=CARD, height=CARD, **frame) + bird(x + 8, y + 6, 0.7, colour, paint.page)


def examples(paint: Palette) -> list[str]:
    """The two data sets, on the left."""
    columns = [24 + (CARD + 10) * place for place in range(3)]
    labeled = [card(x, 54, colour, paint) for x, colour in zip(columns, paint.classes, strict=True)]
    unlabeled = [card(x, y, paint.faint, paint, stroke_dasharray="5 5") for y in (188, 256, 324) for x in columns]
    return [
        text(24, 38, "few labels", size=LARGE, fill=paint.ink, font_weight=600),
        *labeled,
        text(24, 172, "many without", size=LARGE, fill=paint.ink, font_weight=600),
        *unlabeled,
    ]


def box(y: float, words: tuple[str, str], paint: Palette, *, dashed: bool) -> str:
    """A network, as two lines in a box."""
    look: dict[str, Any] = {"fill": paint.box, "stroke_dasharray": "7 6"} if dashed else {"fill": paint.accent}
    ink = paint.ink if dashed else paint.page
    frame = element("rect", x=282, y=y, width=136, height=84, rx=12, stroke=paint.accent, stroke_width=3, **look)
    middle: dict[str, Any] = {"text_anchor": "middle", "size": LARGE, "fill": ink, "font_weight": 600}
    return frame + text(350, y + 36, words[0], **middle) + text(350, y + 65, words[1], **middle)


def networks(paint: Palette) -> list[str]:
    """The model and its moving average, with the arrows to and between them."""
    return [
        element("path", d="M236 56H247V380H236", fill="none", stroke=paint.faint, stroke_width=3),
        arrow((247, 202), (279, 202), paint.faint),
        arrow((247, 354), (279, 354), paint.faint),
        box(160, ("your", "model"), paint, dashed=False),
        box(312, ("moving", "average"), paint, dashed=True),
        arrow((350, 248), (350, 308), paint.accent, stroke_dasharray="6 5"),
    ]


def queue(middle: float, keys: str, colour: str, paint: Palette) -> str:
    """The keys of one class; a full circle has a label, a hollow one a guess."""
    lane: dict[str, Any] = {"rx": 30, "fill": colour, "fill_opacity": 0.13, "stroke": colour, "stroke_width": 3}
    shapes = [element("rect", x=588, y=middle - 31, width=190, height=62, **lane)]
    for place, key in enumerate(keys):
        fill = colour if key == "1" else "none"
        at: dict[str, Any] = {"cx": 619 + 32 * place, "cy": middle, "r": 10.5}
        shapes.append(element("circle", **at, fill=fill, stroke=colour, stroke_width=3))
    return "".join(shapes)


def contrast(paint: Palette) -> list[str]:
    """The query between the queues, on the right."""
    own = paint.classes[1]
    query: dict[str, Any] = {"cx": 480, "cy": 202, "r": 32, "fill": "none", "stroke": own, "stroke_width": 4}
    return [
        text(778, 62, "class queues", size=LARGE, fill=paint.ink, font_weight=600, text_anchor="end"),
        *(queue(*lane, paint) for lane in zip(LANES, KEYS, paint.classes, strict=True)),
        arrow((418, 202), (446, 202), paint.faint),
        element("circle", **query, stroke_dasharray="8 5"),
        bird(456, 178, 0.74, paint.faint, paint.page),
        arrow((514, 202), (584, 202), own, 6),
        text(546, 181, "pull", size=SMALL, fill=own, font_weight=700, text_anchor="middle"),
        arrow((586, 116), (506, 176), paint.faint, stroke_dasharray="4 5"),
        arrow((586, 288), (506, 228), paint.faint, stroke_dasharray="4 5"),
        text(524, 132, "push", size=SMALL, fill=paint.faint, font_weight=700, text_anchor="middle"),
        text(524, 288, "push", size=SMALL, fill=paint.faint, font_weight=700, text_anchor="middle"),
    ]


def keys(paint: Palette) -> list[str]:
    """The way of the keys into the queues, and what their circles say."""
    turn = element("path", d="M418 354H683V345", fill="none", stroke=paint.faint, stroke_width=3)
    return [
        turn,
        arrow((683, 350), (683, 326), paint.faint),
        text(500, 344, "keys", size=SMALL, fill=paint.faint, text_anchor="middle"),
        element("circle", cx=488, cy=405, r=9.5, fill=paint.ink, stroke=paint.ink, stroke_width=3),
        text(506, 413, "label", size=SMALL, fill=paint.ink),
        element("circle", cx=602, cy=405, r=9.5, fill="none", stroke=paint.ink, stroke_width=3),
        text(620, 413, "pseudo-label", size=SMALL, fill=paint.ink),
    ]


def drawing(paint: Palette) -> str:
    """The whole figure for one page's colours."""
    parts = [*examples(paint), *networks(paint), *contrast(paint), *keys(paint)]
    return document(*SIZE, title=TITLE, description=DESCRIPTION, parts=parts)


def files() -> dict[Path, str]:
    """What each file of the figure should hold."""
    return {FOLDER / f"self_tuning-{scheme}.svg": drawing(paint) for scheme, paint in PALETTES.items()}


def main() -> None:
    """Write the figure for light and for dark pages."""
    for path, content in files().items():
        path.write_text(content)


if __name__ == "__main__":
    main()
