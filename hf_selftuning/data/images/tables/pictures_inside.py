"""Tables that hold the images themselves or their addresses, where paths to image files are wanted."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

ADDRESS = re.compile(r"(https?|s3|gs)://\S+", re.IGNORECASE)
BASE64 = re.compile(r"(data:image/|iVBORw0KGgo|/9j/[A-Za-z0-9+/]{40}|R0lGOD[A-Za-z0-9+/]{20}|UklGR[A-Za-z0-9+/]{40})")
"""How a PNG, JPEG, GIF or WebP file begins in base64."""
PRINTED = re.compile(r"""b['"](\\x89PNG|\\xff\\xd8|GIF8|RIFF)""")
"""How the bytes of such a file begin where Python printed them."""
BYTES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
PIXEL = re.compile(r"(pixel|px|p)?[ _-]?\d+([x_-]\d+)?")
FEW = 16
"""Columns of numbers below which they are no pixels."""
WAY_OUT = "write each image to a file in a folder named like its class, and give the folder above as --data_dir"

Record = Mapping[str, Any]


def pictures_inside(rows: Sequence[Record]) -> str | None:
    """What is wrong with a table whose cells are images, and the way out; None where no cell is one.

    Args:
        rows: the first ones of the table.
    """
    first = {str(name): cell for row in reversed(rows) for name, cell in row.items() if cell not in (None, "")}
    for name, cell in first.items():
        form = _form(cell)
        if form is not None:
            return f"the column {name!r} holds the images themselves ({form}), and paths are wanted; {WAY_OUT}"
    pixels = [name for name, cell in first.items() if PIXEL.fullmatch(name.lower()) and _is_number(cell)]
    if len(pixels) >= FEW and len(pixels) >= len(first) - 2:
        return f"{len(pixels):,} columns hold the pixels of the images, and paths are wanted; {WAY_OUT}"
    return None


def addresses_inside(rows: Sequence[Record]) -> str:
    """What is added to a message if a column holds addresses of images; else nothing."""
    for name in {str(name): None for row in rows for name in row}:
        cells = [str(cell) for row in rows if (cell := row.get(name)) not in (None, "")]
        if cells and all(map(ADDRESS.fullmatch, cells)):
            return (
                f" The column {name!r} holds addresses, and nothing is downloaded: download the files into the "
                "table's folder, under the names that the addresses end with."
            )
    return ""


def _form(cell: object) -> str | None:
    """The form of an image in a cell; None where it is none."""
    if isinstance(cell, bytes):
        return "bytes" if cell.startswith(BYTES) else None
    text = cell[:200].strip() if isinstance(cell, str) else ""
    if BASE64.match(text):
        return "base64"
    return "printed bytes" if PRINTED.match(text) else None


def _is_number(cell: object) -> bool:
    return str(cell).replace(".", "", 1).isdecimal()
