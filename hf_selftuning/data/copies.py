"""Unlabelled examples that are copies of others, known by the digest of their content."""

from collections.abc import Mapping, Sequence

import numpy as np
from datasets import Dataset, concatenate_datasets

from .digests import Digests

NO_HOLDER = -1


def holders(contents: Digests, labeled: Mapping[str, Digests]) -> np.ndarray:
    """For each unlabelled example the number of the first part that holds it with a label; -1 if none does.

    Args:
        contents: the digests of the examples.
        labeled: the digests of each part's labelled examples.
    """
    found = np.full(len(contents), NO_HOLDER, np.int8)
    for number, known in reversed([*enumerate(labeled.values())]):
        found[contents.are_in(known)] = number
    return found


def counted_holders(found: np.ndarray, parts: Sequence[str]) -> str:
    """How many copies each part holds, such as "3 of the train part, 1 of the test part"; empty without copies.

    Args:
        found: by `holders`.
        parts: their names.
    """
    copied = found[found != NO_HOLDER]
    numbers, first, counts = np.unique(copied, return_index=True, return_counts=True)
    told = sorted(zip(first.tolist(), numbers.tolist(), counts.tolist(), strict=True))
    return ", ".join(f"{count:,} of the {parts[number]} part" for _, number, count in told)


def repeated(contents: Digests, rows: np.ndarray) -> list[tuple[int, int]]:
    """The examples whose content was there before: the row of the first one with it, and their own.

    Args:
        contents: the digests of some examples.
        rows: of these examples.
    """
    first = contents.first_rows()
    again = np.flatnonzero(first != np.arange(len(first)))
    return list(zip(rows[first[again]].tolist(), rows[again].tolist(), strict=True))


def joined(pools: Sequence[Dataset]) -> Dataset | None:
    """The datasets one after another; None without any."""
    return (concatenate_datasets(list(pools)) if len(pools) > 1 else pools[0]) if pools else None
