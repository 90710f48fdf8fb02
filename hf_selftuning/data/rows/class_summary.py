"""What was read of a part whose examples have one class each, such as images or texts."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .plain_text import counted

logger = logging.getLogger(__name__)

SHOWN_CLASSES = 8


def shown_counts(counts: Iterable[tuple[str, int]], most: int | None = None) -> str:
    """Names with their numbers, such as "cat 3, dog 1,200, ..."; at most so many of them."""
    every = [f"{name} {count:,}" for name, count in counts]
    more = ", ..." if most is not None and len(every) > most else ""
    return ", ".join(every[:most]) + more


@dataclass(frozen=True, kw_only=True)
class ClassSummary(ABC):
    """What was read of a part.

    Args:
        part: "train", "validation", "test" or "unlabeled".
        source: the file, the folder or the table, or the dataset and its part.
        classes: how many examples of each class.
        unlabeled: examples without a class, beside others that have one.
        layout: where examples and classes were found.
        passed_over: how much of what was not read.
        doubts: what looks odd.
    """

    part: str
    source: str
    classes: Mapping[str, int] = field(default_factory=dict)
    unlabeled: int = 0
    layout: str = ""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[str] = ()

    @property
    @abstractmethod
    def line(self) -> str:
        """All of it but the doubts, in one line."""

    def facts(self, count: int, one: str) -> str:
        """How many examples there are, such as "3 images", of which classes, and how many more without a class."""
        facts = [counted(count, one)]
        if self.classes:
            classes = shown_counts(self.classes.items(), SHOWN_CLASSES)
            facts.append(f"{counted(len(self.classes), 'class', 'classes')} ({classes})")
        else:
            facts[0] += " without classes"
        if self.unlabeled:
            facts.append(f"{counted(self.unlabeled, f'more {one}')} without a class")
        return ", ".join(facts)

    def log(self) -> None:
        """Print the line of the part, and a warning for each doubt."""
        logger.info("%s", self.line)
        for doubt in self.doubts:
            logger.warning("%s: %s.", self.source, doubt)
