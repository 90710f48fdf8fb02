"""Windows that overlap: how a sentence that is longer than the model reads is parted between its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

OVERLAP = 4
"""Neighbouring windows share up to one piece in so many, so that a word near an edge has context on both sides."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some words of a sentence that the model reads together, and those of them that it answers.

    Args:
        start: number of the first word that is read.
        stop: number of the first word that is not read any more.
        first: number of the first word that is answered here.
        last: number of the first word that is answered in the next window.
    """

    start: int
    stop: int
    first: int
    last: int


def windows(lengths: Sequence[int], room: int) -> list[Window]:
    """Part a sentence into windows. Each word is answered once, in the window where it has most context.

    Args:
        lengths: pieces of each word.
        room: pieces that the model reads at once, without special ones. Of a longer word it reads the first ones.
    """
    ends = [0, *accumulate(min(length, room) for length in lengths)]
    if ends[-1] <= room:
        return [Window(0, len(lengths), 0, len(lengths))]
    read = _read_together(ends, room)
    edges = [0, *(_edge(ends, stop, start) for (_, stop), (start, _) in pairwise(read))]
    edges.append(len(lengths))
    return [
        Window(start, stop, first, last)
        for (start, stop), first, last in zip(read, edges[:-1], edges[1:], strict=True)
    ]


def _read_together(ends: Sequence[int], room: int) -> list[tuple[int, int]]:
    """First word of each window, and the one after its last; each begins and ends later than the one before."""
    words, start, stop = len(ends) - 1, 0, 0
    found: list[tuple[int, int]] = []
    while stop < words:
        after = ends[stop + 1]
        while (
            ends[stop] - ends[start] > room // OVERLAP
            or after - ends[start] > room
            or (found and start <= found[-1][0])
        ):
            start += 1
        while stop < words and ends[stop + 1] - ends[start] <= room:
            stop += 1
        found.append((start, stop))
    return found


def _edge(ends: Sequence[int], stop: int, start: int) -> int:
    """The first word that the later of two windows answers: it has more pieces before it than left in the earlier."""
    for word in range(start, stop):
        if ends[word] - ends[start] > ends[stop] - ends[word + 1]:
            return word
    return stop
