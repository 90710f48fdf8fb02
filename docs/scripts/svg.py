"""Elements of a drawing in SVG as text, and the colours of a light and a dark page."""

from dataclasses import dataclass
from html import escape

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours by what they are for; colour-blind readers tell the three of `classes` apart."""

    ink: str
    faint: str
    line: str
    box: str
    accent: str
    page: str
    classes: tuple[str, str, str]


BLUE_ORANGE_GREEN = {"light": ("#0072b2", "#d55e00", "#009e73"), "dark": ("#56b4e9", "#ff9d5c", "#3ccf9e")}
PALETTES = {
    "light": Palette("#1f2328", "#59636e", "#c3cad2", "#f4f6f8", "#3f51b5", "#ffffff", BLUE_ORANGE_GREEN["light"]),
    "dark": Palette("#e6edf3", "#9aa5b1", "#3d4650", "#1b222b", "#8c9eff", "#0d1117", BLUE_ORANGE_GREEN["dark"]),
}


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """One element; an underscore in an attribute's name is a hyphen, one at its end is left out."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{number(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def number(value: object) -> str:
    """A value as text, the same on every machine: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else escape(str(value))


def text(x: float, y: float, words: str, *, size: float, fill: str, **more: object) -> str:
    """A line of text, whose baseline begins at (x, y) unless `text_anchor` says otherwise."""
    return element("text", escape(words), x=x, y=y, font_size=size, fill=fill, **more)


def document(width: float, height: float, *, title: str, description: str, parts: list[str]) -> str:
    """A whole file, with a title and a description for readers who do not see it."""
    names = element("title", escape(title), id="title") + element("desc", escape(description), id="description")
    head = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {number(width)} {number(height)}"}
    named = {"role": "img", "aria_labelledby": "title description", "font_family": FONT.replace('"', "'")}
    return element("svg", "\n".join(["", names, *parts, ""]), **head, **named) + "\n"
