"""An unlabelled stream that is read by position, so that a resumed run continues exactly."""

from collections.abc import Iterator
from typing import Any

import datasets
import numpy as np

from ..core.task import Example

LARGEST_SEED = 2**64
"""Smallest seed that cannot be a user's. Without a seed, numpy draws 128 bits; a user's seed has 64 bits or fewer."""


class StreamedExamples:
    """The examples of a stream by position. At its end, the stream begins again with its next epoch.

    Positions rise while training runs. A resumed run, or another rank, that begins at position p must first read the
    p examples before it. The stream must therefore come in the same order each time, and `shuffle` needs a seed.

    Args:
        stream: from the datasets library, whose streams have epochs.
    """

    def __init__(self, stream: datasets.IterableDataset) -> None:
        self.stream = stream
        self._restart()

    def _restart(self) -> None:
        self._at, self._epoch = -1, -1
        self._example: Example = {}
        self._coming: Iterator[Any] = iter(())

    def __getitem__(self, position: int) -> Example:
        if position < self._at:
            self._restart()
        while self._at < position:
            self._example, self._at = self._next(), self._at + 1
        return self._example

    def _next(self) -> Example:
        # The loop runs once at most: it takes the next example, or falls through at the end of the epoch.
        for example in self._coming:
            return example
        self._epoch += 1
        # The datasets library shuffles by seed plus epoch. Without this, every pass would have the same order.
        self.stream.set_epoch(self._epoch)
        self._coming = iter(self.stream)
        for example in self._coming:
            return example
        raise ValueError("unlabeled_dataset is a stream without a single example; leave it out, or check its files.")


def comes_by_chance(stream: datasets.IterableDataset) -> bool:
    """Whether the stream was shuffled or interleaved without a seed, so that another process reads another order."""
    # The datasets library shows in no public way whether a stream was shuffled. A test fails without `_ex_iterable`.
    return any(_is_unseeded(part) for part in _parts(getattr(stream, "_ex_iterable", None)))


def _parts(source: Any) -> Iterator[Any]:
    """The iterable of a stream, and all iterables that it reads from."""
    if source is None:
        return
    yield source
    for below in (getattr(source, "ex_iterable", None), *getattr(source, "ex_iterables", ())):
        yield from _parts(below)


def _is_unseeded(part: Any) -> bool:
    generator = getattr(part, "generator", None)
    if not isinstance(generator, np.random.Generator):
        return False
    entropy = getattr(generator.bit_generator.seed_seq, "entropy", 0)
    return isinstance(entropy, int) and entropy >= LARGEST_SEED
