"""What was read of a part of the texts, in one line."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..rows.plain_text import counted
from .text_readings import TextReading

logger = logging.getLogger(__name__)

SHOWN_CLASSES = 8


@dataclass(frozen=True)
class TextSummary:
    """What was read of a part.

    Args:
        part: "train", "validation", "test" or "unlabeled".
        source: the file or the folder, or the dataset and its part.
        texts: how many have a class; of a part without classes, how many there are.
        classes: how many texts of each class.
        unlabeled: texts without a class, beside others that have one.
        layout: where texts and classes were found.
        passed_over: how much of what was not read as texts.
        doubts: what looks odd.
    """

    part: str
    source: str
    texts: int
    classes: Mapping[str, int] = field(default_factory=dict)
    unlabeled: int = 0
    layout: str = ""
    passed_over: Mapping[str, int] = field(default_factory=dict)
    doubts: Sequence[str] = ()

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = f"{path.name}/" if path.is_dir() else path.name if path.exists() else self.source
        facts = [counted(self.texts, "text")]
        if self.classes:
            shown = ", ".join(f"{name} {count:,}" for name, count in list(self.classes.items())[:SHOWN_CLASSES])
            more = ", ..." if len(self.classes) > SHOWN_CLASSES else ""
            facts.append(f"{counted(len(self.classes), 'class', 'classes')} ({shown}{more})")
        else:
            facts[0] += " without classes"
        if self.unlabeled:
            facts.append(f"{counted(self.unlabeled, 'more text')} without a class")
        passed = ", ".join(f"{what} {count:,}" for what, count in sorted(self.passed_over.items()))
        told = [", ".join(facts), self.layout, passed and f"passed over: {passed}"]
        return f"{name}: {'; '.join(filter(None, told))}"

    def log(self) -> None:
        """Print the line of the part, and a warning for each doubt."""
        logger.info("%s", self.line)
        for doubt in self.doubts:
            logger.warning("%s: %s.", self.source, doubt)


def summarise(
    part: str, reading: TextReading, names: Sequence[str] = (), more_doubts: Sequence[str] = ()
) -> TextSummary:
    """The summary of a reading.

    Args:
        part: which one.
        reading: of it.
        names: of the classes, in their order.
        more_doubts: what the gate found odd.
    """
    classes = Counter(name for name in reading.classes if name is not None)
    order = {name: place for place, name in enumerate(names)}
    return TextSummary(
        part=part,
        source=reading.source,
        texts=classes.total() or len(reading.texts),
        classes=dict(sorted(classes.items(), key=lambda item: order.get(item[0], len(order)))),
        unlabeled=len(reading.texts) - classes.total() if classes else 0,
        layout=reading.layout,
        passed_over={kind: count for kind, count in reading.passed_over.items() if count},
        doubts=tuple(dict.fromkeys([*reading.doubts, *more_doubts])),
    )
