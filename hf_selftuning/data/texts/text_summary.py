"""What was read of a part of the texts, in one line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..rows.class_summary import ClassSummary, shown_counts
from .text_readings import TextReading


@dataclass(frozen=True, kw_only=True)
class TextSummary(ClassSummary):
    """What was read of a part.

    Args:
        texts: how many have a class; of a part without classes, how many there are.
    """

    texts: int

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = f"{path.name}/" if path.is_dir() else path.name if path.exists() else self.source
        passed = shown_counts(sorted(self.passed_over.items()))
        told = [self.facts(self.texts, "text"), self.layout, passed and f"passed over: {passed}"]
        return f"{name}: {'; '.join(filter(None, told))}"


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
