"""Draw the rooms of the package: their layers from the import contract, their imports and sizes from the code.

    python docs/scripts/draw_rooms.py

writes docs/figures/rooms-light.svg and -dark.svg. A test fails where the files differ from a fresh drawing.
"""

import ast
import re
import textwrap
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import grimp
from svg import PALETTES, Palette, document, element, text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "figures"
PACKAGE = "hf_selftuning"
WIDTH, TOP, ROW, GAP = 900, 122, 66, 14  # GAP parts two layers
NAME, CELLS = 26, 462  # where names and where the matrix of imports begin
COLUMN = 25
TITLE = f"The rooms of {PACKAGE}"
DESCRIPTION = (
    "Each row is a room of the package with what it holds and its size; rows of one box are one layer, and a layer "
    "imports from those below it. A number says how many modules of the row's room import from a module of the "
    "column's room. All numbers stand right of the diagonal, so imports run one way."
)


@dataclass(frozen=True)
class Room:
    """A folder of the package, or a module at its root."""

    name: str
    caption: str
    modules: int
    lines: int

    @property
    def size(self) -> str:
        """Modules and lines; lines have two digits that count, so that not every change makes the drawing stale."""
        digits = len(str(self.lines)) - 2
        lines = f"{round(self.lines, -max(digits, 1)):,} lines"
        return lines if self.modules == 1 else f"{self.modules} modules, {lines}"


def layers(root: Path = ROOT) -> list[list[str]]:
    """Names of the rooms in each layer, from the top, as the import contract has them."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract.get("containers") == [PACKAGE]]
    return [[name.strip(" ()") for name in re.split("[|:]", layer)] for layer in contract["layers"]]


def room(name: str, root: Path = ROOT) -> Room:
    """A room as its files describe it; the caption is the first sentence of its docstring."""
    folder = root / PACKAGE / name
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    said = ast.get_docstring(ast.parse((folder / "__init__.py" if folder.is_dir() else files[0]).read_text())) or ""
    modules = [path for path in files if path.name != "__init__.py"]
    lines = sum(len(path.read_text().splitlines()) for path in files)
    return Room(name, said.split("\n")[0].replace("`", "").rstrip("."), len(modules), lines)


def imports_between_rooms() -> Counter[tuple[str, str]]:
    """How many pairs of modules import, by the rooms of the importer and of the imported."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    pairs: Counter[tuple[str, str]] = Counter()
    for module in graph.modules - {PACKAGE}:
        for imported in graph.find_modules_directly_imported_by(module) - {PACKAGE}:
            rooms = module.split(".")[1], imported.split(".")[1]
            pairs[rooms] += rooms[0] != rooms[1]
    return +pairs


def rows(plan: list[list[str]]) -> dict[str, float]:
    """The upper edge of each room's row."""
    return {
        name: TOP + GAP * floor + ROW * (place + sum(map(len, plan[:floor])))
        for floor, names in enumerate(plan)
        for place, name in enumerate(names)
    }


def layer_box(names: list[str], edges: dict[str, float], paint: Palette) -> str:
    """The box around the rooms of one layer."""
    height, paints = ROW * len(names), {"fill": paint.box, "stroke": paint.line}
    return element("rect", **paints, x=8, y=edges[names[0]], width=WIDTH - 16, height=height, rx=10, stroke_width=1.5)


def description(shown: Room, edge: float, paint: Palette) -> list[str]:
    """Name, size and caption of a room; a caption has at most two lines."""
    caption = textwrap.wrap(shown.caption, 52, max_lines=2, placeholder=" ...")
    return [
        text(NAME, edge + 22, shown.name, size=19, fill=paint.accent, font_weight=700),
        text(CELLS - 22, edge + 22, shown.size, size=14, fill=paint.faint, text_anchor="end"),
        *(text(NAME, edge + 40 + 16 * n, line, size=14.5, fill=paint.ink) for n, line in enumerate(caption)),
    ]


def cell(left: float, edge: float, count: int, most: int, paint: Palette) -> str:
    """A number of imports, on a colour as strong as it is large."""
    strength = 0.16 + 0.84 * (count / most) ** 0.5
    square = element(
        "rect", x=left, y=edge + 21, width=COLUMN - 3, height=24, rx=4, fill=paint.accent, fill_opacity=strength
    )
    ink = paint.page if strength > 0.55 else paint.ink
    return square + text(left + COLUMN / 2 - 1.5, edge + 38, str(count), size=14, fill=ink, text_anchor="middle")


def matrix(plan: list[list[str]], imports: Counter[tuple[str, str]], paint: Palette) -> list[str]:
    """Column names, and the numbers of imports of each row."""
    edges = rows(plan)
    left = {name: CELLS + COLUMN * place for place, name in enumerate(edges)}
    middle = COLUMN / 2 + 3
    names = [
        text(0, 0, name, size=15, fill=paint.faint, transform=f"translate({number + middle:g} {TOP - 10}) rotate(-60)")
        for name, number in left.items()
    ]
    own = [
        element("rect", x=left[name] + 7, y=edge + 29, width=8, height=8, rx=4, fill=paint.line)
        for name, edge in edges.items()
    ]
    most = max(imports.values())
    return names + own + [cell(left[to], edges[by], count, most, paint) for (by, to), count in sorted(imports.items())]


def drawing(paint: Palette, root: Path = ROOT) -> str:
    """The whole picture for one page's colours."""
    plan, imports = layers(root), imports_between_rooms()
    edges = rows(plan)
    height = max(edges.values()) + ROW + 8
    parts = [layer_box(names, edges, paint) for names in plan]
    parts += [part for name, edge in edges.items() for part in description(room(name, root), edge, paint)]
    parts += matrix(plan, imports, paint)
    return document(WIDTH, height, title=TITLE, description=DESCRIPTION, parts=parts)


def files() -> dict[Path, str]:
    """What each file of the picture should hold."""
    return {FOLDER / f"rooms-{scheme}.svg": drawing(paint) for scheme, paint in PALETTES.items()}


def main() -> None:
    """Write the picture for light and for dark pages."""
    for path, content in files().items():
        path.write_text(content)


if __name__ == "__main__":
    main()
