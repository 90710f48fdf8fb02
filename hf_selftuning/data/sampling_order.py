"""One seeded order of all examples. Every label budget takes its examples from the front of it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
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
        if not isinstance(item, str | Integral):
            held.append(held_classes(item, class_names))
            continue
        if item not in known:
            known[item] = held_classes(item, class_names)
        held.append(known[item])
    return held


def sampling_order(held: Sequence[Held], seed: int) -> list[int]:
    """An order of all examples in which every prefix has nearly the class shares of the whole.

    Systematic sampling: a stratum is one set of classes. Its members are spaced evenly over the order, from a random
    start of its own. The first example of each class goes before all others, so that small budgets have every class.
    """
    strata: dict[Held, list[int]] = {}
    for index, names in enumerate(held):
        strata.setdefault(names, []).append(index)
    generator = np.random.default_rng(seed)
    places, keys = [np.empty(0, np.int64)], [np.empty(0)]
    for stratum in sorted(strata, key=lambda names: sorted(map(str, names))):
        members = generator.permutation(strata[stratum])
        start = generator.random()
        places.append(members)
        keys.append((np.arange(len(members)) + start) / len(members))
    indices = np.concatenate(places)
    spread = indices[np.lexsort((indices, np.concatenate(keys)))].tolist()
    return list(dict.fromkeys(first_of_each_class(held, spread) + spread))


def first_of_each_class(held: Sequence[Held], order: Iterable[int]) -> list[int]:
    """The examples in which a class appears for the first time in the order."""
    first: dict[Hashable, int] = {}
    for index in order:
        for name in held[index]:
            first.setdefault(name, index)
    return list(dict.fromkeys(first.values()))


def first_per_class(
    held: Sequence[Held], order: Iterable[int], wanted: int, counts: Mapping[Hashable, int]
) -> set[int]:
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
    for index in order:
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
