"""Digests of many examples in little memory: a Python string alone takes fifty bytes beside its characters."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np

BATCH = 1000
LABELED_SIZE = 8
"""Bytes of the digest of an example with its class."""


class Digests(Sequence[str]):
    """Digests of one length as hexadecimal digits.

    Args:
        values: their bytes, one item a digest; such items sort as their digits do.
    """

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    @classmethod
    def of(cls, digests: Iterable[bytes], size: int) -> "Digests":
        """Digests of `size` bytes each."""
        return cls(np.fromiter(digests, f"S{size}"))

    def take(self, rows: Sequence[int] | np.ndarray) -> "Digests":
        """Those of some rows."""
        return Digests(self.values[np.asarray(rows, np.intp)])

    def repeat(self) -> bool:
        """Whether there are two that are equal."""
        ordered = np.sort(self.values)
        return bool((ordered[1:] == ordered[:-1]).any())

    def first_rows(self) -> np.ndarray:
        """For each row the first one with the same digest."""
        if not self.repeat():  # the usual case takes a quarter of the memory
            return np.arange(len(self))
        _, first, places = np.unique(self.values, return_index=True, return_inverse=True)
        return first[places]

    def are_in(self, others: "Digests") -> np.ndarray:
        """For each row whether the others hold its digest, too."""
        if not len(self) or not len(others):
            return np.zeros(len(self), bool)
        known = np.unique(others.values)
        places = np.searchsorted(known, self.values)
        return known[np.minimum(places, len(known) - 1)] == self.values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        digits = 2 * self.values.itemsize
        for start in range(0, len(self), BATCH):
            text = self.values[start : start + BATCH].tobytes().hex()
            yield from (text[place : place + digits] for place in range(0, len(text), digits))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Digests": ...
    def __getitem__(self, place: int | slice) -> "str | Digests":
        if isinstance(place, slice):
            return Digests(self.values[place])
        return self.values[place, None].tobytes().hex()  # an item alone would lose the zeros at its end


def no_digests() -> Digests:
    """Of data without digests."""
    return Digests.of([], 1)


def labeled_digests(contents: Digests, labels: Iterable[int], names: Sequence[str]) -> Digests:
    """For each example a digest of its content and its class, by which a split finds it again.

    Args:
        contents: of the examples; empty where they are known by their place only.
        labels: the index of the class of each.
        names: of the classes.
    """
    texts = (f"{names[label]}\0{content}" for content, label in zip(contents, labels, strict=False))
    made = (hashlib.blake2b(text.encode(), digest_size=LABELED_SIZE).digest() for text in texts)
    return Digests.of(made, LABELED_SIZE)
