"""An unlabelled stream that is read by position, so that a resumed run continues exactly."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import datasets
import numpy as np
import torch.utils.data
from torch import Tensor

from ..core.task import Example

logger = logging.getLogger(__name__)

LARGEST_SEED = 2**64
"""Smallest seed that cannot be a user's. Without a seed, numpy draws 128 bits; a user's seed has 64 bits or fewer."""
MARKED_EVERY = 1000
"""Examples from one mark to the next; a resumed run reads at most as many again."""
LONG = 10 * MARKED_EVERY
"""Examples to read again, above which a resumed run says that this takes a while."""
GOES_ON = tuple(map(int, datasets.__version__.split(".")[:2])) >= (5, 1)
"""Whether the datasets library goes on exactly where a stream stood; earlier releases leave out some examples."""
MARK = "stream_mark"
"""Name of a mark among the tensors of a checkpoint."""


@dataclass(frozen=True)
class Mark:
    """Where a stream stands after an example.

    Args:
        position: of the example.
        state: what the datasets library needs to go on there: the epoch, the shard, the example in it.
    """

    position: int
    state: Mapping[str, Any]

    def tensor(self) -> Tensor:
        """The mark as bytes (n,), so that it travels in a batch and is saved in a checkpoint."""
        return torch.frombuffer(bytearray(json.dumps([self.position, self.state]).encode()), dtype=torch.uint8)

    @classmethod
    def of(cls, tensor: Tensor) -> "Mark":
        """The mark that was written as a tensor."""
        return cls(*json.loads(bytes(tensor.tolist())))


class StreamedExamples:
    """The examples of a stream by position. At its end, the stream begins again with its next epoch.

    Positions rise while training runs. To begin at position p, a resumed run goes to the last mark before p, or reads
    the p examples before it. The stream must come in the same order each time, and `shuffle` needs a seed.

    Each loader worker and each rank reads the whole stream, and makes views of the examples of its own batches.

    Args:
        stream: from the datasets library, whose streams have epochs.
    """

    def __init__(self, stream: datasets.IterableDataset) -> None:
        self.stream = stream
        self._first: Mark | None = None
        self._marks = GOES_ON and not has_buffer(stream)
        self._restart()

    def _restart(self) -> None:
        self._at, self._epoch = -1, -1
        self._marked = 0
        self._example: Example = {}
        self._coming: Iterator[Any] = iter(())
        self.stream.load_state_dict({})  # from the beginning

    def begin_after(self, mark: Mark | None) -> None:
        """Read the next example after a mark, and those before it no more; None reads from the beginning."""
        self._first = mark
        self._restart()

    def __getitem__(self, position: int) -> Example:
        if position < self._at:
            self._restart()
        if self._at < 0:
            self._go_to_mark(position)
        while self._at < position:
            self._example, self._at = self._next(), self._at + 1
        return self._example

    def _go_to_mark(self, position: int) -> None:
        mark = self._first
        if mark is not None and mark.position < position:
            self.stream.load_state_dict(dict(mark.state))
            self._at, self._epoch, self._marked = mark.position, mark.state["epoch"], mark.position
            self._coming = self._begin()
        if (again := position - self._at - 1) > LONG:
            logger.warning(
                "%d examples of the unlabelled stream are read again, up to the place where the run stopped: %s.",
                again,
                self._why_again(),
            )

    def _why_again(self) -> str:
        """Why no mark is near, and what to do about it."""
        if has_buffer(self.stream):
            return (
                "its shuffle buffer holds examples from anywhere before; to skip them, shuffle the files when you "
                "write them, and call shuffle(seed=0, buffer_size=1)"
            )
        if not GOES_ON:
            version = datasets.__version__
            return (
                f"datasets {version} does not go on exactly where a stream stood; to skip them, install 5.1 or newer"
            )
        if self._first is None:
            return (
                "the checkpoint does not say where the stream stood, as one of an older release or of other "
                "unlabelled data; the next checkpoints do"
            )
        return f"the checkpoint's mark, example {self._first.position}, is not near before them"

    def new_mark(self) -> Mark | None:
        """Where the stream stands, every `MARKED_EVERY` examples; None between, and where it cannot go on from marks.

        A shuffle buffer holds examples from anywhere before, which no mark brings back.
        """
        if not self._marks or self._at < self._marked + MARKED_EVERY:
            return None
        self._marked = self._at
        return Mark(self._at, self.stream.state_dict())

    def _next(self) -> Example:
        # The loop runs once at most: it takes the next example, or falls through at the end of the epoch.
        for example in self._coming:
            return example
        self._epoch += 1
        self._coming = self._begin()
        for example in self._coming:
            return example
        raise ValueError("unlabeled_dataset is a stream without a single example; leave it out, or check its files.")

    def _begin(self) -> Iterator[Any]:
        """The stream's examples of this epoch."""
        # All workers of a loader share the number of a stream's epoch, and one of them may be an epoch ahead.
        self.stream._epoch = torch.tensor(self._epoch)
        # The datasets library shuffles by seed plus epoch. Without this, every pass would have the same order.
        self.stream.set_epoch(self._epoch)
        coming = iter(self.stream)
        with as_one_reader():
            first = list(islice(coming, 1))
        yield from first
        yield from coming


@contextmanager
def as_one_reader() -> Iterator[None]:
    """Begin to read a whole stream in a loader worker, among which the datasets library would divide it."""
    asked = torch.utils.data.get_worker_info
    torch.utils.data.get_worker_info = lambda: None  # the library asks once, as a pass begins
    try:
        yield
    finally:
        torch.utils.data.get_worker_info = asked


def has_buffer(stream: datasets.IterableDataset) -> bool:
    """Whether the stream passes through a shuffle buffer."""
    return any(getattr(part, "buffer_size", 1) > 1 for part in _parts(getattr(stream, "_ex_iterable", None)))


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
