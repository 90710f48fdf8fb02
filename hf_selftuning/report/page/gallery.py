"""Which pseudo-labels a page shows: of each class the surest, the most disputed and those that changed late."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...monitoring.label_changes import LabelChanges
from .guesses import Guesses, Labelled

CLASSES = 100
"""Classes of a gallery; the others are counted."""
FEW_CLASSES = 24
"""Up to so many classes, each has `SHOWN` pseudo-labels of each kind, and among more classes one of each kind."""
SHOWN, NEXT = 3, 12
MOST_BYTES = 1_600_000
"""Size of all examples of a run, each counted once, as report.json holds them."""

Show = Callable[[int], dict[str, Any]]
"""What the page shows of an example, by its place in the data."""


@dataclass
class Shelf:
    """The examples that a page shows, each kept once; a budget of bytes limits them.

    Args:
        shows: what to show of an example of each part, `pool` and `labeled`.
        kept: the examples so far, by part and place.
        left: bytes that are left.
    """

    shows: dict[str, Show]
    kept: dict[str, dict[str, Any]] = field(default_factory=lambda: {"pool": {}, "labeled": {}})
    left: int = MOST_BYTES

    def put(self, part: str, place: int) -> int:
        """Keep an example; its place is returned."""
        if str(place) not in self.kept[part]:
            shown = self.shows[part](place)
            self.left -= sum(len(str(value)) for value in shown.values())
            self.kept[part][str(place)] = shown
        return place


def gallery(
    guesses: Guesses,
    labelled: Labelled,
    names: Sequence[str],
    shelf: Shelf,
    changes: LabelChanges | None = None,
    *,
    steps: int = 0,
) -> list[dict[str, Any]]:
    """The classes with most pseudo-labels: how many there are, the surest, the most disputed, and late changes.

    Args:
        guesses: the pseudo-labels.
        labelled: what they are compared with.
        names: of the classes.
        shelf: takes the examples that are shown; no further class is added once it is full.
        changes: which pseudo-labels changed during training; None where that is not known.
        steps: number of optimizer steps of the training; a change in their second half is late.
    """
    counts = np.bincount(guesses.classes, minlength=len(names))
    most = SHOWN if np.count_nonzero(counts) <= FEW_CLASSES else 1
    found: list[dict[str, Any]] = []
    for label in np.argsort(-counts, kind="stable")[:CLASSES]:
        if not counts[label] or shelf.left <= 0:
            break
        entry = _of_class(guesses, labelled, int(label), shelf, most)
        late = [] if changes is None else _changed(guesses, labelled, int(label), shelf, most, changes, steps)
        found.append(entry | {"changed": late})
    return sorted(found, key=lambda entry: entry["class"])


def _of_class(guesses: Guesses, labelled: Labelled, label: int, shelf: Shelf, most: int) -> dict[str, Any]:
    members = np.flatnonzero(guesses.classes == label)
    in_order = members[np.argsort(-guesses.margins[members], kind="stable")]
    surest = in_order[:most]
    disputed = in_order[::-1][: max(0, min(most, len(in_order) - len(surest)))]
    right = guesses.right
    return {
        "class": label,
        "count": len(members),
        "confidence": float(guesses.confidence[members].mean()),
        "accuracy": None if right is None else float(right[members].mean()),
        "surest": [item(guesses, int(place), labelled, shelf) for place in surest],
        "disputed": [item(guesses, int(place), labelled, shelf, both=True) for place in disputed],
    }


def _changed(
    guesses: Guesses, labelled: Labelled, label: int, shelf: Shelf, most: int, changes: LabelChanges, steps: int
) -> list[dict[str, Any]]:
    """The examples of a class whose pseudo-labels changed late, the latest one first."""
    late = changes.late(steps).numpy()[guesses.examples]
    members = np.flatnonzero((guesses.classes == label) & late)
    last = changes.steps.numpy()[guesses.examples[members]]
    latest = members[np.argsort(-last, kind="stable")][:most]
    return [
        {**item(guesses, int(place), labelled, shelf), "change": change_of(changes, int(guesses.examples[place]))}
        for place in latest
    ]


def change_of(changes: LabelChanges, example: int) -> list[int]:
    """The class before the last change of an example, the class after it, and the step."""
    return [int(values[example]) for values in (changes.before, changes.newest, changes.steps)]


def to_label_next(guesses: Guesses, labelled: Labelled, shelf: Shelf) -> list[dict[str, Any]]:
    """The examples with the least margin, the most uncertain one first; each example once."""
    return [item(guesses, place, labelled, shelf, both=True) for place in _uncertain(guesses)][:NEXT]


def _uncertain(guesses: Guesses) -> Iterator[int]:
    seen: set[int] = set()
    for place in np.argsort(guesses.margins, kind="stable"):
        if len(seen) == NEXT:
            return
        if int(guesses.examples[place]) not in seen:
            seen.add(int(guesses.examples[place]))
            yield int(place)


def item(guesses: Guesses, place: int, labelled: Labelled, shelf: Shelf, *, both: bool = False) -> dict[str, Any]:
    """A pseudo-label, and the labelled thing of its class that is most like it.

    Args:
        guesses: the pseudo-labels.
        place: of this one.
        labelled: what it is compared with.
        shelf: takes the examples.
        both: add what speaks for the second class.
    """
    label, second = int(guesses.classes[place]), int(guesses.seconds[place])
    return {
        "example": shelf.put("pool", int(guesses.examples[place])),
        "span": None if guesses.spans is None else guesses.spans[place].tolist(),
        "class": label,
        "confidence": float(guesses.confidence[place]),
        "second": second,
        "second_confidence": float(guesses.probabilities[place, second]),
        "truth": None if guesses.labels is None else int(guesses.labels[place]),
        "because": _key(guesses, place, labelled, label, shelf),
        "against": _key(guesses, place, labelled, second, shelf) if both and second != label else None,
    }


def _key(guesses: Guesses, place: int, labelled: Labelled, label: int, shelf: Shelf) -> dict[str, Any] | None:
    found = labelled.nearest(guesses.features[place], label)
    if found is None:
        return None
    key, similarity = found
    return {
        "example": shelf.put("labeled", int(labelled.examples[key])),
        "span": None if labelled.spans is None else labelled.spans[key].tolist(),
        "class": label,
        "similarity": similarity,
    }
