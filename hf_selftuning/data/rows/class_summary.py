"""What was read of a part whose examples have one class each, such as images or texts."""

import logging
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .plain_text import counted

logger = logging.getLogger(__name__)

SHOWN_CLASSES = 8


def shown_counts(counts: Iterable[tuple[str, int]], most: int | None = None) -> str:
    """Names with their numbers, such as "cat 3, dog 1,200, ..."; at most so many of them."""
    every = [
        f"{name} {count:,}".replace("\n", "\\n") for name, count in counts
    ]  # a folder's name may hold a line break
    more = ", ..." if most is not None and len(every) > most else ""
    return ", ".join(every[:most]) + more


def alike_names(names: Iterable[str]) -> list[str]:
    """Those of some names of classes that look like another one, as a message shows them.

    They differ in case, in blanks, in signs that are not seen (a zero-width space, a mark of direction), or in the
    Unicode form of a letter (composed or not, full width). Such signs are written as escapes.
    """
    plain = {name: _looks(name) for name in names}
    same = Counter(plain.values())
    return [_escaped(name) for name in plain if same[plain[name]] > 1]


def _looks(name: str) -> str:
    """A name without what is not seen of it."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.split()).casefold()


def _escaped(name: str) -> str:
    """A name whose signs are escapes if it holds some that are not seen, or a letter that has another form."""
    plain = unicodedata.is_normalized("NFKC", name) and (name.isprintable() or name.isspace())
    return name if plain else ascii(name)


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
