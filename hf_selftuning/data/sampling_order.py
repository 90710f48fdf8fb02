"""One seeded order of all examples. Every label budget takes its examples from the front of it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from numbers import Integral
from typing import cast

import numpy as np

Held = frozenset[Hashable]
NO_CLASS: Held = frozenset()


def evenly_spread(size: int, most: int) -> list[int]:
    """At most `most` places, evenly spread over a dataset of `size` examples."""
    return list(range(size)) if size <= most else np.linspace(0, size - 1, most).astype(int).tolist()


def held_classes(item: object, class_names: Sequence[str] | None = None) -> Held:
    """The classes of one example, which is one class or a collection. Integers are indices of `class_names`."""
    members: Iterable[object] = [item] if isinstance(item, str | Integral) else cast(Iterable[object], item)
    return frozenset(_named(member, class_names) for member in members)


def all_held(items: Sequence[object], class_names: Sequence[str] | None = None) -> list[Held]:
    """The classes of each example, see `held_classes`. Examples of one class share one object."""
    known: dict[object, Held] = {}
    held = []
    for item in items:
        if not isinstance(item, str | int | Integral):  # int, because the check of an abstract class takes long
            held.append(held_classes(item, class_names))
            continue
        if item not in known:
            known[item] = held_classes(item, class_names)
        held.append(known[item])
    return held


def sampling_order(held: Sequence[Held], seed: int) -> np.ndarray:
    """An order of all examples in which every prefix has nearly the class shares of the whole.

    Systematic sampling: a stratum is one set of classes. Its members are spaced evenly over the order, from a random
    start of its own. The first example of each class goes before all others, so that small budgets have every class.
    """
    strata, numbers = _strata(held)
    generator, keys = np.random.default_rng(seed), np.empty(len(held))
    by_stratum = members_of(numbers, len(strata))
    for number in sorted(range(len(strata)), key=lambda number: sorted(map(str, strata[number]))):
        members = generator.permutation(by_stratum[number])
        keys[members] = (np.arange(len(members)) + generator.random()) / len(members)
    spread = np.argsort(keys, kind="stable")
    first = first_of_each_class(held, spread)
    return np.concatenate([np.array(first, np.int64), spread[~np.isin(spread, first)]])


def members_of(labels: np.ndarray, classes: int) -> list[np.ndarray]:
    """The indices of each class, in their order."""
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(classes + 1))
    return [order[start:end] for start, end in pairwise(edges)]


def first_of_each_class(held: Sequence[Held], order: np.ndarray) -> list[int]:
    """The examples in which a class appears for the first time in the order."""
    _, numbers = _strata(held)
    _, places = np.unique(numbers[order], return_index=True)
    first: dict[Hashable, int] = {}
    for index in order[np.sort(places)].tolist():
        for name in held[index]:
            first.setdefault(name, index)
    return list(dict.fromkeys(first.values()))


def _strata(held: Sequence[Held]) -> tuple[list[Held], np.ndarray]:
    """The different sets of classes, and for each example the number of its own."""
    known: dict[Held, int] = {}
    numbers = np.fromiter((known.setdefault(names, len(known)) for names in held), np.int32, len(held))
    return list(known), numbers


def first_per_class(held: Sequence[Held], order: np.ndarray, wanted: int, counts: Mapping[Hashable, int]) -> set[int]:
    """The first `wanted` examples of each class, and the first `wanted` without a class, if there are as many.

    Raises:
        ValueError: a class has fewer examples.
    """
    for name, count in sorted(counts.items(), key=str):
        if count < wanted:
            raise ValueError(
                f"labels_per_class={wanted} is more than the {count} examples of the class {name!r}; "
                f"give at most {min(counts.values())}."
            )
    wanting: dict[Hashable, int] = dict.fromkeys(counts, wanted)
    if not all(held):
        wanting[NO_CLASS] = wanted
    chosen = set()
    for index in map(int, order):
        names = held[index] or frozenset([NO_CLASS])
        if not names.isdisjoint(wanting):
            chosen.add(index)
        for name in names & wanting.keys():
            wanting[name] -= 1
            if not wanting[name]:
                del wanting[name]
        if not wanting:
            break
    return chosen


def _named(member: object, class_names: Sequence[str] | None) -> Hashable:
    # A NumPy integer and the equal Python integer must be one class.
    if not isinstance(member, Integral):
        return member
    number = int(member)
    return class_names[number] if class_names is not None and 0 <= number < len(class_names) else number
