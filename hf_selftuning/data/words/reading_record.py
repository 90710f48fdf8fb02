"""How a model's words were read in training, kept in its config, so that its answers are for the same words."""

from dataclasses import asdict, dataclass
from typing import Any

from .text_cutting import AT_BLANKS, TextCutting

NAME = "words_read"


@dataclass(frozen=True)
class ReadingRecord:
    """How words were read in training.

    Args:
        max_length: word pieces that are read at once; None takes as many as the model reads.
        cutting: how running text is cut into words.
    """

    max_length: int | None = None
    cutting: TextCutting = AT_BLANKS

    def keep(self, config: Any) -> None:
        """Write it into a model's config."""
        setattr(config, NAME, {"max_length": self.max_length, **asdict(self.cutting), "apart": [*self.cutting.apart]})

    @classmethod
    def of(cls, config: Any) -> "ReadingRecord":
        """What a model's config holds; the usual reading if it holds nothing."""
        found = getattr(config, NAME, None) or {}
        apart = tuple(found.get("apart") or ())
        cutting = TextCutting(bool(found.get("at_punctuation")), found.get("by_characters"), apart)
        return cls(found.get("max_length"), cutting)
