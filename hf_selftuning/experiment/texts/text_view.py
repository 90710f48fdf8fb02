"""How a page shows texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..setup.page_view import ExampleView

LONGEST = 300
"""Characters of a text that are shown."""


@dataclass
class TextView(ExampleView):
    """The view of texts.

    Args:
        columns: the column of the texts, or two columns of pairs.
    """

    columns: Sequence[str]

    def shown(self, example: dict[str, Any]) -> dict[str, Any]:
        """The beginning of the text; the two texts of a pair have a line between them."""
        return {"text": " | ".join(_cut(str(example[name])) for name in self.columns)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"
