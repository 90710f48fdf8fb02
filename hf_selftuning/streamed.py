"""An unlabelled stream, read by position, so that a resumed run goes on exactly where it was."""

from collections.abc import Iterator
from typing import Any

import datasets

from .task import Example


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
