"""What was read of a part whose examples have one class each, such as images or texts."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from ..rows.plain_text import counted, shown_counts
from .class_reading import ClassReading

logger = logging.getLogger(__name__)

SHOWN_CLASSES = 8


@dataclass(frozen=True, kw_only=True)
class ClassSummary(ABC):
    """What was read of a part.

    Args:
        part: "train", "validation", "test" or "unlabeled".
        source: the file, the folder or the table, or the dataset and its part.
        one: what one example is, such as "image".
        examples: how many have a class; of a part without classes, how many there are.
        classes: how many examples of each class.
        unlabeled: examples without a class, beside others that have one.
        layout: where examples and classes were found.
        passed_over: how much of what was not read.
        doubts: what looks odd.
    """

    part: str
    source: str
    one: str
    examples: int
    classes: Mapping[str, int] = field(default_factory=dict)
    unlabeled: int = 0
    layout: str = ""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[str] = ()

    @property
    @abstractmethod
    def line(self) -> str:
        """All of it but the doubts, in one line."""

    @classmethod
    def of(cls, part: str, reading: ClassReading, names: Sequence[str] = (), more_doubts: Sequence[str] = ()) -> Self:
        """The summary of a reading.

        Args:
            part: which one.
            reading: of it.
            names: of the classes, in their order.
            more_doubts: beside those of the reading.
        """
        counts = reading.counts
        order = {name: place for place, name in enumerate(names)}
        return cls(
            part=part,
            source=reading.source,
            one=reading.one,
            examples=counts.total() or len(reading),
            classes=dict(sorted(counts.items(), key=lambda item: order.get(item[0], len(order)))),
            unlabeled=len(reading) - counts.total() if counts else 0,
            layout=reading.layout,
            passed_over={kind: count for kind, count in reading.passed_over.items() if count},
            doubts=tuple(dict.fromkeys([*reading.doubts, *more_doubts])),
        )

    @property
    def facts(self) -> str:
        """How many examples there are, such as "3 images", of which classes, and how many more without a class."""
        facts = [counted(self.examples, self.one)]
        if self.classes:
            classes = shown_counts(self.classes.items(), SHOWN_CLASSES)
            facts.append(f"{counted(len(self.classes), 'class', 'classes')} ({classes})")
        else:
            facts[0] += " without classes"
        if self.unlabeled:
            facts.append(f"{counted(self.unlabeled, f'more {self.one}')} without a class")
        return ", ".join(facts)

    def log(self) -> None:
        """Print the line of the part, and a warning for each doubt."""
        logger.info("%s", self.line)
        for doubt in self.doubts:
            logger.warning("%s: %s.", self.source, doubt)
