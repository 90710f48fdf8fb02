"""Rasa's training data in Markdown: a heading with an intent, and a list of its texts below."""

import re
from collections.abc import Iterator

from ..rows.plain_text import lines_of

INTENT = re.compile(r"\s*##+\s*intent\s*:\s*(\S.*)")
HEADING = re.compile(r"\s*(#|<!--)")
ITEM = re.compile(r"\s*[-*+]\s+(.*\S)")
ENTITY = re.compile(r"\[([^][]+)\](\([^()]*\)|\{[^{}]*\})")


def is_rasa_markdown(text: str) -> bool:
    """Whether a text has a heading with an intent among its first lines."""
    return any(INTENT.match(line) for line in text[:2000].split("\n"))


def rasa_rows(text: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    """The number, the text without marks of entities, and the intent of each item.

    Items of other sections, such as synonyms, are rows without a text.
    """
    intent = None
    for number, line in lines_of(text):
        found, item = INTENT.match(line), ITEM.match(line)
        if found is not None:
            intent = found[1].strip()
        elif HEADING.match(line):
            intent = None
        elif item is not None:
            yield number, {"text": ENTITY.sub(r"\1", item[1]) if intent else None, "intent": intent}
