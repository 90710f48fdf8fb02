"""Sentences with marks around their entities, such as [Oslo](LOC), <LOC>Oslo</LOC> and <START:LOC> Oslo <END>."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...rows.plain_text import BLANKS, lines_of

PEEKED = 500
"""Filled lines by which marks are told."""
SHARE = 0.1
"""Of lines with a mark, from which on a file is taken to have marks."""
OF_HTML = {
    *("a", "abbr", "b", "br", "center", "code", "del", "div", "em", "font", "h1", "h2", "h3", "h4", "i", "li", "mark"),
    *("ol", "p", "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "td", "th", "title", "tr", "u"),
    *("ul", "body", "head", "html"),
}
"""Tags that lay out a text, and are no labels."""
ITEM = re.compile(r"\s*[-*+]\s+")
HEADING = re.compile(r"\s*(#|<!--)")
OTHER_SECTION = re.compile(r"\s*#+\s*(synonym|regex|lookup)\s*:")


@dataclass(frozen=True)
class Marks:
    """A way of writing marks.

    Args:
        name: of it, for the line that is printed.
        pattern: of a mark, with the groups `words` and `label`.
        left: what is left of a mark that is nested, or not closed.
        markdown: sentences may be items of a list, with headings between.
    """

    name: str
    pattern: re.Pattern[str]
    left: re.Pattern[str]
    markdown: bool = False

    def find(self, line: str) -> list[re.Match[str]]:
        """The marks in a line."""
        return [found for found in self.pattern.finditer(line) if OF_HTML.isdisjoint(_names(found))]


def _names(found: re.Match[str]) -> set[str]:
    """The label of a mark in lower case, and the tag that holds it."""
    return {found["label"].lower(), str(found.groupdict().get("tag"))}


KINDS = (
    Marks("[words](label)", re.compile(r"\[(?P<words>[^][\n]+)\]\((?P<label>[^\W\d][\w-]*)(:(?!//)[^()]*)?\)"),
          re.compile(r"\]\((?![\w-]*[:./#])"), markdown=True),
    Marks('[words]{"entity": "label"}',
          re.compile(r'\[(?P<words>[^][\n]+)\]\{[^{}]*"entity"\s*:\s*"(?P<label>[^"]+)"[^{}]*\}'),
          re.compile(r"\]\{"), markdown=True),
    Marks("<label>words</label>", re.compile(r"<(?P<label>[A-Za-z][\w.-]*)>(?P<words>[^<>]+)</(?P=label)>"),
          re.compile(r"</?[A-Za-z][\w.-]*>")),
    Marks('<tag type="label">words</tag>',
          re.compile(r'<(?P<tag>[A-Za-z]\w*)\b[^<>]*?\s(?:type|TYPE|label|category)="(?P<label>[^"<>]+)"[^<>]*>(?P<words>[^<>]+)</(?P=tag)>'),
          re.compile(r"</?[A-Za-z][\w.-]*( [^<>]*)?>")),
    Marks("<START:label> words <END>", re.compile(r"<START:(?P<label>[^<>\s]+)>\s*(?P<words>[^<>]+?)\s*<END>"),
          re.compile(r"<(START(:[^<>]*)?|END)>")),
)  # fmt: skip


def marks_in(text: str) -> Marks | None:
    """The way in which entities of a text are marked; None where they are not."""
    lines = list(islice((line for _, line in lines_of(text) if line.strip(BLANKS)), PEEKED))
    counts = {kind.name: sum(bool(kind.find(line)) for line in lines) for kind in KINDS}
    best = max(KINDS, key=lambda kind: counts[kind.name])
    return best if counts[best.name] > SHARE * len(lines) else None


def marked_rows(text: str, marks: Marks, path: str, passed_over: Counter[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line, the text without marks, and the labelled stretches of each sentence.

    Args:
        text: of the file.
        marks: how its entities are marked.
        path: for messages.
        passed_over: filled with how many lines were not read.

    Raises:
        ValueError: a mark lies in another one, or is not closed.
    """
    other = False
    for number, line in lines_of(text):
        if marks.markdown and HEADING.match(line):
            other = OTHER_SECTION.match(line) is not None
            passed_over["headings"] += 1
        elif other and line.strip(BLANKS):
            passed_over["lines of synonyms, patterns and tables"] += 1
        elif line.strip(BLANKS):
            plain = ITEM.sub("", line, count=1) if marks.markdown and ITEM.match(line) else line
            yield number, _row(plain, marks, f"{path}, line {number}")


def _row(line: str, marks: Marks, place: str) -> dict[str, Any]:
    text, spans, end = "", [], 0
    for found in marks.find(line):
        text += line[end : found.start()]
        spans.append({"start": len(text), "end": len(text) + len(found["words"]), "label": found["label"]})
        text, end = text + found["words"], found.end()
    text += line[end:]
    left = next((one for one in marks.left.finditer(text) if one[0].strip("</>").lower() not in OF_HTML), None)
    if left is not None:
        raise ValueError(
            f"{place}: {text[max(left.start() - 20, 0) : left.end() + 20]!r} holds a mark that lies in another one or "
            f"is not closed as {marks.name}; a word has one tag, so keep one mark and close it."
        )
    return {"text": text, "spans": spans}
