"""Abstracts with their annotations as PubTator writes them: `1|t|title`, `1|a|abstract`, and a line for each span."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...rows.plain_text import lines_of

TEXT_LINE = re.compile(r"([^|\t\n]+)\|([ta])\|(.*)")
FIRST = 2000
"""Characters at the start of a file in which its first title stands."""


def is_pubtator(text: str) -> bool:
    """Whether a text begins with a title as PubTator writes it."""
    line = text[:FIRST].lstrip().partition("\n")[0]
    found = TEXT_LINE.fullmatch(line)
    return found is not None and found[2] == "t"


def pubtator_rows(text: str, path: str, passed_over: Counter[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line, the text and the labelled stretches of each abstract; offsets count title, one blank, and abstract.

    Args:
        text: of the file.
        path: for messages.
        passed_over: filled with how many lines were not read, such as relations.

    Raises:
        ValueError: a line is neither text nor a span.
    """
    number, begun = 0, 0
    parts: list[str] = []
    spans: list[dict[str, Any]] = []
    for number, line in lines_of(text):
        found, cells = TEXT_LINE.fullmatch(line), line.split("\t")
        if found is not None:
            if found[2] == "t" and parts:
                yield begun, {"text": " ".join(parts), "spans": spans}
                parts, spans = [], []
            begun = begun if parts else number
            parts.append(found[3])
        elif len(cells) >= 5 and cells[1].isdecimal() and cells[2].isdecimal():
            spans.append({"start": int(cells[1]), "end": int(cells[2]), "text": cells[3], "label": cells[4]})
        elif len(cells) >= 4:
            passed_over["relations"] += 1
        elif line.strip():
            raise ValueError(
                f"{path}, line {number}: {line[:60]!r} is neither a title, an abstract nor a span of PubTator; give "
                "five cells with tabs between: id, start, end, words, type."
            )
    if parts:
        yield begun, {"text": " ".join(parts), "spans": spans}
