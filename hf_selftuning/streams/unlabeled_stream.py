"""An unlabelled stream, read by position, so that a resumed run goes on exactly where it was."""

from collections.abc import Iterator
from typing import Any

import datasets
import numpy as np

from ..core.task import Example

LARGEST_SEED = 2**64
"""Where no seed is given, numpy draws 128 bits from the system, which no one writes as a seed."""


class StreamedExamples:
    """Example p is the p-th that comes; at its end the stream begins anew, as its next epoch.

    Positions rise while training runs. Another process that begins at position p, as a resumed run or another
    rank does, reads the p examples before it; the stream must therefore come in the same order each time, so
    `shuffle` needs a seed.

    Args:
        stream: of the datasets library, which knows epochs.
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
    """Whether the stream was shuffled or mixed without a seed, so that another process would see another order."""
    # Their part in an order has no public name.
    return any(_is_unseeded(part) for part in _parts(getattr(stream, "_ex_iterable", None)))


def _parts(source: Any) -> Iterator[Any]:
    """The iterables a stream is made of, each step that was put over it and what lies below."""
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
