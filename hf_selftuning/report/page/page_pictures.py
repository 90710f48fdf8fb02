"""The pictures of a page: each is embedded once, and runs side by side share the room."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .run_facts import RunFacts

MOST_BYTES = 1_900_000
"""Size of all pictures of a page, as they are written into it."""


@dataclass
class Pictures:
    """The pictures that are embedded, and the room for further ones.

    Args:
        numbers: of the pictures by their data URIs.
        left: bytes that are left.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    left: int = MOST_BYTES

    def take(self, pictures: set[str]) -> bool:
        """Embed all of these pictures, or none of them if one has no room; a picture that is there needs none."""
        new = sorted(pictures - self.numbers.keys())
        size = sum(len(picture) for picture in new)
        if size > self.left:
            return False
        self.left -= size
        self.numbers |= {picture: number for number, picture in enumerate(new, len(self.numbers))}
        return True


def fitted(runs: Sequence[RunFacts]) -> tuple[list[RunFacts], dict[str, int]]:
    """What of some runs has room on one page, and the numbers of the pictures by their data URIs.

    Each run has an equal share of the room, and half of it is for what to label next. A picture that another run has
    embedded needs no room.

    Args:
        runs: their facts.
    """
    pictures, room = Pictures(), MOST_BYTES // len(runs)
    return [_fitted(facts, pictures, room) for facts in runs], pictures.numbers


def _fitted(facts: RunFacts, pictures: Pictures, room: int) -> RunFacts:
    """A run with what has room: first what to label next, then the classes with most pseudo-labels."""
    pictures.left = room // 2
    label_next = [item for item in facts.label_next if pictures.take(_pictures(facts, [item]))]
    pictures.left += room // 2
    largest = sorted(facts.gallery, key=lambda entry: -entry["count"])
    kept = {entry["class"] for entry in largest if pictures.take(_pictures(facts, _items(entry)))}
    shown = [entry for entry in facts.gallery if entry["class"] in kept]
    used = set(_examples([*label_next, *(item for entry in shown for item in _items(entry))]))
    examples = {
        part: {place: example for place, example in of_part.items() if (part, place) in used}
        for part, of_part in facts.examples.items()
    }
    return replace(facts, label_next=label_next, gallery=shown, examples=examples)


def _items(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All pseudo-labels that a class of the gallery shows."""
    return [*entry["surest"], *entry["disputed"], *entry.get("changed", ())]


def _examples(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Part and place of each example that some pseudo-labels show."""
    for item in items:
        yield "pool", str(item["example"])
        for key in (item["because"], item["against"]):
            if key is not None:
                yield "labeled", str(key["example"])


def _pictures(facts: RunFacts, items: Sequence[Mapping[str, Any]]) -> set[str]:
    shown = (facts.examples[part][place] for part, place in _examples(items))
    return {example["image"] for example in shown if "image" in example}
