"""A label budget: which examples of a training set keep their labels, and which count as unlabelled."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..files import replacing
from .digests import Digests
from .sampling_order import NO_CLASS, Held, all_held, first_of_each_class, first_per_class, sampling_order

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Split:
    """Which examples of a training set keep their labels, and how they were chosen.

    Args:
        labeled: indices of the examples that keep their labels.
        unlabeled: indices of all others.
        seed: of the draw.
        label_ratio: the share of labelled examples that was asked for, or None.
        labels_per_class: the number of labelled examples of each class that was asked for, or None.
        dataset: name of the data.
        fingerprint: SHA-256 of the classes of all examples; it shows whether a saved split belongs to given data.
        contents: for each example a digest of its content and its class, by which it is found again wherever it
            stands; empty where examples are known by their place only.
    """

    labeled: tuple[int, ...]
    unlabeled: tuple[int, ...]
    seed: int
    label_ratio: float | None
    labels_per_class: int | None
    dataset: str
    fingerprint: str
    contents: Sequence[str] = ()

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits, equal only for the same labelled examples of the same data.

        Where contents are known, the order of the examples does not matter.
        """
        labeled = [self.contents[index] for index in self.labeled] if len(self.contents) else None
        facts = [self.labeled, self.fingerprint] if labeled is None else [sorted(labeled), sorted(self.contents)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]

    @property
    def budget(self) -> str:
        """The budget and the seed that it was drawn with, as text."""
        chosen = f"label_ratio {self.label_ratio}" if self.label_ratio else f"labels_per_class {self.labels_per_class}"
        return f"{chosen}, seed {self.seed}"

    def save(self, path: str | Path) -> None:
        """Write the split as JSON, whole or not at all. A missing folder is made."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:  # every rank of a launch writes the same file
            fields = {"hash": self.hash, **vars(self), "contents": list(self.contents)}
            draft.write_text(json.dumps(fields) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: str | Path) -> "Split":
        """Read a saved split, without a check of the data that it was drawn from.

        Raises:
            ValueError: the file is no saved split.
        """
        try:
            fields = json.loads(Path(path).read_text(encoding="utf-8"))
            fields.pop("hash", None)
            halves: dict[str, Any] = {half: tuple(fields.pop(half)) for half in ("labeled", "unlabeled")}
            return cls(**halves, contents=tuple(fields.pop("contents", ())), **fields)
        except (OSError, TypeError, KeyError, AttributeError, ValueError) as error:
            raise ValueError(f"{path} is not a saved split ({error}); draw one and save it there.") from error

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        classes: Sequence[object],
        contents: Sequence[str] = (),
        places: Sequence[str] = (),
    ) -> "Split":
        """Read a saved split and find its examples in the data.

        Args:
            path: of the file.
            classes: for each example its class, or the classes it holds.
            contents: for each example a digest of its content and its class. The examples are found by them, in
                whatever order they are now.
            places: for messages, where each example is.

        Raises:
            ValueError: the file is no saved split, or was made for other data.
        """
        split = cls.read(path)
        if len(split.contents) and len(contents):
            return _found_again(split, classes, contents, places, path)
        if len(contents):
            logger.warning("%s does not hold the contents of its examples, so they are taken by their place.", path)
        if split.fingerprint != fingerprint(classes):
            examples = len(split.labeled) + len(split.unlabeled)
            raise ValueError(
                f"The split in {path} was made for other data ({split.dataset or 'unnamed'}, {examples} "
                f"examples) than the {len(classes)} examples given; load the same data or draw a new split."
            )
        return split


def draw_split(
    classes: Sequence[object],
    *,
    label_ratio: float | None = None,
    labels_per_class: int | None = None,
    seed: int = 0,
    dataset: str = "",
    class_names: Sequence[str] | None = None,
    contents: Sequence[str] = (),
) -> Split:
    """Choose which examples keep their labels. With the same seed, a smaller budget is always part of a larger one.

    Args:
        classes: the class of each example, or the collection of classes that it holds (a sentence's entity types;
            empty for none).
        label_ratio: the share of examples that keep their labels. It is raised if a class would have no example.
        labels_per_class: number of examples of each class that keep their labels. It is exact for images; a sentence
            can hold several classes, so that some get more. Give either this or `label_ratio`.
        seed: of the draw.
        dataset: name of the data, saved with the split.
        class_names: names of the classes that the data must hold; integer classes are its indices.
        contents: for each example a digest of its content and its class, saved with the split.

    Raises:
        ValueError: the budget or the data cannot give such a split.
    """
    held = all_held(classes, class_names)
    _check_budget(label_ratio, labels_per_class)
    counts = _check_classes(held, class_names)
    order = sampling_order(held, seed)
    if label_ratio is None:
        labeled = first_per_class(held, order, labels_per_class or 0, counts)
    else:
        needed = len(first_of_each_class(held, order))
        labeled = set(order[: max(round(label_ratio * len(held)), needed)].tolist())
    kept = np.zeros(len(held), bool)
    kept[list(labeled)] = True
    return Split(
        labeled=tuple(np.flatnonzero(kept).tolist()),
        unlabeled=tuple(np.flatnonzero(~kept).tolist()),
        seed=seed,
        label_ratio=label_ratio,
        labels_per_class=labels_per_class,
        dataset=dataset,
        fingerprint=fingerprint(classes),
        contents=_lasting(contents),
    )


def fingerprint(classes: Sequence[object]) -> str:
    """SHA-256 of the classes of all examples, in the order of the examples."""
    known: dict[Held, str] = {}  # the names of the classes of an example, as JSON
    found = hashlib.sha256(b"[")
    between = ""
    for held in all_held(classes):
        if held not in known:
            known[held] = json.dumps(sorted(map(str, held)))
        found.update((between + known[held]).encode())
        between = ", "
    found.update(b"]")
    return found.hexdigest()


def _found_again(
    split: Split, classes: Sequence[object], contents: Sequence[str], places: Sequence[str], path: str | Path
) -> Split:
    """The split with the indices that its examples have in the data now."""
    # Copies of one example keep their order, because the sorts are stable.
    old, new = _in_bytes(split.contents), _in_bytes(contents)
    before, after = np.argsort(old, kind="stable"), np.argsort(new, kind="stable")
    if not np.array_equal(old[before], new[after]):
        _refuse_other(split, contents, places, path)
    now = np.empty(len(contents), np.int64)
    now[before] = after
    return replace(
        split,
        labeled=tuple(np.sort(now[list(split.labeled)]).tolist()),
        unlabeled=tuple(np.sort(now[list(split.unlabeled)]).tolist()),
        fingerprint=fingerprint(classes),
        contents=_lasting(contents),
    )


def _in_bytes(contents: Sequence[str]) -> np.ndarray:
    """The digests in an array, which sort as they do."""
    size = max(len(digest.encode()) for digest in contents)
    return np.fromiter((digest.encode() for digest in contents), f"S{size}", len(contents))


def _lasting(contents: Sequence[str]) -> Sequence[str]:
    """The digests, in a form that does not change with what was given."""
    return contents if isinstance(contents, Digests) else tuple(contents)


def _refuse_other(split: Split, contents: Sequence[str], places: Sequence[str], path: str | Path) -> None:
    """Say how the data differ from those that the split was made for."""
    missing, new = Counter(split.contents) - Counter(contents), Counter(contents) - Counter(split.contents)
    first = next((place for place, digest in zip(places, contents, strict=False) if digest in new), "")
    raise ValueError(
        f"The split in {path} was made for other data: of its {len(split.contents):,} examples "
        f"{missing.total():,} are not there now or have another class, and {new.total():,} are new"
        f"{f' (such as {first})' if first else ''}; put the data back as they were, or draw a new split."
    )


def _check_budget(label_ratio: float | None, labels_per_class: int | None) -> None:
    if (label_ratio is None) == (labels_per_class is None):
        raise ValueError(
            f"A split needs one budget, and label_ratio={label_ratio} with "
            f"labels_per_class={labels_per_class} was given; give exactly one of the two."
        )
    if label_ratio is not None and not 0 < label_ratio <= 1:
        raise ValueError(f"label_ratio={label_ratio} is not a share; give one above 0 and at most 1.")
    if labels_per_class is not None and labels_per_class < 1:
        raise ValueError(f"labels_per_class={labels_per_class} leaves nothing labelled; give 1 or more.")


def _check_classes(held: list[Held], class_names: Sequence[str] | None) -> Mapping[Hashable, int]:
    if not held:
        raise ValueError("A split needs examples, and the data is empty; check the path of the training data.")
    counts = Counter(name for names in held for name in names)
    for name in class_names or ():
        if name not in counts:
            raise ValueError(f"The class {name!r} has no example; add one, or remove it from class_names.")
    if len(counts) + (NO_CLASS in held) < 2:
        only = f"the class {next(iter(counts))!r}" if counts else "examples with no class (no word is in an entity)"
        raise ValueError(f"A classifier needs two classes, and the data has only {only}; add examples of another.")
    return counts
