"""An unlabelled stream that is read by position, so that a resumed run goes on exactly."""

from collections.abc import Iterator
from typing import Any

import datasets
import numpy as np

from ..core.task import Example

LARGEST_SEED = 2**64
"""Without a seed, numpy draws 128 bits from the system. A seed that somebody gave is smaller than 64 bits."""


class StreamedExamples:
    """Example p is the p-th of the stream; at its end the stream begins again, with its next epoch.

    Positions rise while training runs. A resumed run or another rank that begins at position p first reads the p
    examples before it. The stream must therefore come in the same order each time, and `shuffle` needs a seed.

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
        for example in self._coming:
            return example
        self._epoch += 1
        self.stream.set_epoch(self._epoch)
        self._coming = iter(self.stream)
        for example in self._coming:
            return example
        raise ValueError("unlabeled_dataset is a stream without a single example; leave it out, or look at its files.")


def comes_by_chance(stream: datasets.IterableDataset) -> bool:
    """Whether the stream was shuffled or interleaved without a seed, so that another process reads another order."""
    # No public name of datasets tells whether a stream was shuffled. A test fails if a release has no `_ex_iterable`.
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
