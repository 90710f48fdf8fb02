"""The pages of the documentation, and the code in them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text() for path in sorted(DOCS.glob("*.md"))}
NO_CODE = {"text", "diff", ""}  # what a file or a change looks like; the changes are applied in test_drop_in.py


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Language and text of each fenced block of code."""
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```", PAGES[page], flags=re.DOTALL | re.MULTILINE):
        if language not in NO_CODE:
            yield language, text


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command; loops are run once."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line.replace("$seed", "0"), comments=True)
        while words and re.fullmatch(r"\w+=\S*", words[0]):
            words = words[1:]
        if words and words[0] not in ("for", "done", "do"):
            yield words
