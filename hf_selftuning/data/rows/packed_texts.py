"""Many short texts in little memory: a Python string alone takes fifty bytes beside its characters."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import overload

BETWEEN, WITHIN = "\0\0", "\0"
SIZE = 64
"""Texts that are packed together. One of them is found by unpacking all of these."""


class PackedTexts(Sequence[str]):
    """Texts in their order. None of them holds two zero characters in a row, or begins or ends with one."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._packs: list[bytes] = []
        self._last: list[str] = []  # fewer than a pack
        self.extend(texts)

    def append(self, text: str) -> None:
        """Add a text."""
        self._last.append(text)
        if len(self._last) == SIZE:
            self._packs.append(BETWEEN.join(self._last).encode("utf-8", "surrogatepass"))
            self._last = []

    def extend(self, texts: Iterable[str]) -> None:
        """Add texts."""
        for text in texts:
            self.append(text)

    def __len__(self) -> int:
        return SIZE * len(self._packs) + len(self._last)

    def __iter__(self) -> Iterator[str]:
        return chain((text for pack in self._packs for text in _unpacked(pack)), self._last)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        index = range(len(self))[place]  # an IndexError beyond the end
        pack, inside = divmod(index, SIZE)
        return (_unpacked(self._packs[pack]) if pack < len(self._packs) else self._last)[inside]


class PackedTuples(Sequence[tuple[str, ...]]):
    """Tuples of texts in their order; no text holds a zero character, or is empty beside others."""

    def __init__(self, tuples: Iterable[tuple[str, ...]] = ()) -> None:
        self._joined = PackedTexts(map(WITHIN.join, tuples))

    def append(self, texts: tuple[str, ...]) -> None:
        """Add a tuple."""
        self._joined.append(WITHIN.join(texts))

    def extend(self, tuples: Iterable[tuple[str, ...]]) -> None:
        """Add tuples."""
        self._joined.extend(map(WITHIN.join, tuples))

    def __len__(self) -> int:
        return len(self._joined)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return (tuple(joined.split(WITHIN)) for joined in self._joined)

    @overload
    def __getitem__(self, place: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[str, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[str, ...] | list[tuple[str, ...]]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        return tuple(self._joined[place].split(WITHIN))


@lru_cache(maxsize=4)  # rows are mostly asked for in their order, and several columns at once
def _unpacked(pack: bytes) -> list[str]:
    return pack.decode("utf-8", "surrogatepass").split(BETWEEN)
