"""Labelled stretches of characters as programs write them: their edges, their label, and the text that they cover."""

from collections.abc import Mapping
from typing import Any

from ..text_cutting import Span
from .word_cells import LABEL_KEYS, listed, shown

ENDS = {
    "start": ("start", "start_offset", "startOffset", "startPos"),
    "end": ("end", "end_offset", "endOffset", "endPos"),
}


def spans_of(cell: Any, text: str, place: str) -> list[Span]:
    """The labelled stretches in a cell.

    Raises:
        ValueError: one has no whole numbers as its edges, or not exactly one label.
    """
    items = listed(cell, place)
    if not isinstance(items, list):
        raise ValueError(f"{place}: the spans are {shown(cell)}; give a list of objects with start, end and label.")
    return [_span(item, text, f"{place}, span {number}") for number, item in enumerate(items, start=1)]


def _span(item: Any, text: str, place: str) -> Span:
    edges, label, said = parts_of_span(item)
    label = label[0] if isinstance(label, list) and len(label) == 1 else label
    start, end = (_whole(edge) for edge in edges) if len(edges) == 2 else (None, None)
    if start is None or end is None or not isinstance(label, str) or not label.strip():
        raise ValueError(f"{place}: {shown(item)} is no span; give its start, its end and one label.")
    return Span(*_by_text(text, start, end, said, place), label.strip())


def parts_of_span(item: Any) -> tuple[list[Any], Any, Any]:
    """The two edges of a labelled stretch, its label, and the text that it says it covers; whatever they hold.

    Args:
        item: an object, or a list of two edges and a label, of which the label may come first.
    """
    if isinstance(item, Mapping):
        item = {**item, **item["globalOffsets"]} if isinstance(item.get("globalOffsets"), Mapping) else item
        edges = [next((item[key] for key in keys if key in item), None) for keys in ENDS.values()]
        if type(edges[1]) is int and "endPos" in item:
            edges[1] += 1  # LUIS gives the last character
        label = next((item[key] for key in LABEL_KEYS if item.get(key) is not None), None)
        return edges, label, item.get("text")
    if not isinstance(item, list | tuple) or len(item) != 3:
        return [], None, None
    return ([*item[1:]], item[0], None) if isinstance(item[0], str) else ([*item[:2]], item[2], None)


def _whole(edge: Any) -> int | None:
    if isinstance(edge, str) and edge.isascii() and edge.isdecimal():
        return int(edge[:16])
    if isinstance(edge, bool) or not isinstance(edge, int | float) or edge != edge or abs(edge) > 2**53:
        return None
    return int(edge) if edge == int(edge) else None


def _by_text(text: str, start: int, end: int, said: Any, place: str) -> tuple[int, int]:
    """Offsets in characters, the end after the last one, as far as the covered text shows another way of counting.

    A browser counts an emoji as two characters, and some programs give the last character as the end.

    Raises:
        ValueError: the covered text is not there in any of these ways.
    """
    if not isinstance(said, str) or start < 0 or _same(text[start:end], said):
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    before = units[: 2 * start].decode("utf-16-le", "ignore")
    covered = units[2 * start : 2 * end].decode("utf-16-le", "ignore")
    if covered == said:
        return len(before), len(before) + len(covered)
    if _same(text[start : end + 1], said):
        return start, end + 1
    raise ValueError(
        f"{place}: it says that it covers {shown(said)}, and {shown(text[start:end])} stands at {start}-{end}; export "
        "the spans again with the text that their offsets count in."
    )


def _same(covered: str, said: str) -> bool:
    """Whether two texts differ in blanks alone; Label Studio writes a line break as two characters."""
    return "".join(covered.split()) == "".join(said.replace("\\n", " ").split())
