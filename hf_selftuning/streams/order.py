"""The examples of each step: a pure function of seed and position, so that a resumed run continues exactly."""

from collections.abc import Iterator, Sequence, Sized

import numpy as np
import torch
from torch.utils.data import Sampler

from .seeds import mix, seeded

Index = tuple[int, tuple[int, ...], int]  # labelled index, unlabelled indices, number that seeds their views


def place_type(size: int) -> type[np.signedinteger]:
    """The smallest type for the places of `size` examples."""
    return np.int32 if size <= np.iinfo(np.int32).max else np.int64


class Order:
    """An endless order of the examples of one stream: permutation after permutation, a function of the seed alone.

    With lengths, a batch holds examples of similar length: in each window of `window` batches the examples of each
    pass are sorted by length, and the batches are shuffled. A batch here is what one optimizer step takes, so that
    neither the number of ranks nor the accumulation changes the order.

    Args:
        size: number of examples.
        seed: seed of this stream.
        batch: examples of this stream in an optimizer step, on all ranks and in all micro-batches.
        lengths: length of each example, or None for a plain shuffle.
        window: number of batches that are sorted together.
        shuffle: whether each pass has an order of its own; False keeps the order of the dataset.
    """

    def __init__(
        self,
        size: int,
        seed: int,
        batch: int,
        lengths: Sequence[int] | np.ndarray | None = None,
        *,
        window: int = 50,
        shuffle: bool = True,
    ) -> None:
        self.size, self.seed, self.batch, self.window, self.shuffle = size, seed, batch, window, shuffle
        self.lengths = None if lengths is None else np.asarray(lengths)
        self._last: tuple[int, np.ndarray] = (-1, np.empty(0))
        self._pass: tuple[int, np.ndarray] = (-1, np.empty(0))

    def __getitem__(self, position: int) -> int:
        return int(self.between(position, position + 1)[0])

    def between(self, start: int, stop: int) -> np.ndarray:
        """The examples at the positions from `start` to before `stop`."""
        length = self._block_length
        found = []
        # -(-a // b) is a / b, rounded up.
        for number in range(start // length, -(-stop // length)):
            # Positions rise, so one window is kept and each is computed once.
            if self._last[0] != number:
                self._last = number, self._block(number, length)
            found.append(self._last[1][max(0, start - number * length) : stop - number * length])
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, np.int64), *found])

    @property
    def _block_length(self) -> int:
        """How many positions are computed together."""
        return self.batch * self.window

    def _block(self, number: int, length: int) -> np.ndarray:
        # A window may begin in one permutation and end in another; with few examples, it spans many.
        first, last = number * length, (number + 1) * length
        passes = []
        for turn in range(first // self.size, (last - 1) // self.size + 1):
            begin = turn * self.size
            # A view would keep the whole pass in memory while the next one is drawn.
            passes.append(self._turn(turn)[max(0, first - begin) : last - begin].copy())
        return np.concatenate(passes) if self.lengths is None else self._grouped(passes, self.lengths, number)

    def _turn(self, number: int) -> np.ndarray:
        """One pass over the examples. The last one is kept, because it costs as much as the pool is large."""
        if self._pass[0] != number:
            self._pass = (-1, np.empty(0))  # two passes at once would take twice the memory
            places = np.arange(self.size, dtype=place_type(self.size))
            if self.shuffle:
                # Seeded by the number of the pass, so that a resumed run draws it without the passes before it.
                np.random.default_rng([self.seed, number]).shuffle(places)
            self._pass = number, places
        return self._pass[1]

    def _grouped(self, passes: Sequence[np.ndarray], lengths: np.ndarray, number: int) -> np.ndarray:
        # Longest first. Sorted together, the copies of an example that several passes hold would fill whole batches.
        # The sort is stable, so that sentences of one length keep their shuffled order.
        ordered = [part[np.argsort(-lengths[part], kind="stable")] for part in passes]
        batches = np.concatenate(ordered).reshape(self.window, self.batch)
        # `permutation` moves the rows of an array, and a row is a batch here: its sentences stay together.
        return np.random.default_rng([self.seed, number, 1]).permutation(batches).ravel()


class StreamOrder(Order):
    """The order of a stream whose length is unknown: position p is its p-th example."""

    def __init__(self) -> None:
        super().__init__(size=0, seed=0, batch=1)  # with size 0, the labelled examples alone determine the epoch

    def between(self, start: int, stop: int) -> np.ndarray:
        """The positions themselves."""
        return np.arange(start, stop)


class SampledOrder(Order):
    """The order that a sampler of the script's own draws, pass after pass, each pass under a seed of its own.

    The size is the number of indices in a pass. It may differ from the number of examples.

    Args:
        sampler: yields indices of the labelled examples.
        seed: seed of this stream.
        batch: as for `Order`.

    Raises:
        ValueError: the sampler has no length.
    """

    def __init__(self, sampler: Sampler[int], seed: int, batch: int) -> None:
        if not isinstance(sampler, Sized):
            raise ValueError(
                f"_get_train_sampler returns a {type(sampler).__name__} without a length, and an epoch then has no "
                "end; give it __len__, the number of indices in a pass."
            )
        super().__init__(len(sampler), seed, batch)
        self.sampler = sampler
        self._generator = getattr(sampler, "generator", None)
        self._first = self._generator.initial_seed() if isinstance(self._generator, torch.Generator) else 0

    @property
    def _block_length(self) -> int:
        return self.size

    def _block(self, number: int, length: int) -> np.ndarray:
        if isinstance(self._generator, torch.Generator):
            # The first pass keeps the seed that the script gave, and so has the order that its author expects.
            self._generator.manual_seed(mix(self._first, number) % 2**63 if number else self._first)
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(number)
        with seeded(mix(self.seed, number)):
            drawn = list(self.sampler)
        if len(drawn) != self.size or not all(isinstance(index, int | np.integer) for index in drawn):
            raise ValueError(
                f"_get_train_sampler returns a {type(self.sampler).__name__} of length {self.size} that yields "
                f"{len(drawn)} items such as {drawn[:1]}; each item must be the index of one example."
            )
        return np.asarray(drawn)


class PairSampler(Sampler[Index]):
    """Yields a labelled index, the unlabelled indices that come with it, and their position in the training.

    A pure function of seed and epoch. An epoch reads the longer dataset once, rounded up to whole optimizer steps, and
    repeats the shorter one. With a stream of unknown length, an epoch reads the labelled examples once. The labelled
    order does not depend on the unlabelled set.

    Args:
        labeled: order of the labelled examples.
        unlabeled: order of the unlabelled examples, or None.
        ratio: number of unlabelled examples for each labelled one.
    """

    def __init__(self, labeled: Order, unlabeled: Order | None, ratio: int) -> None:
        self.labeled, self.unlabeled, self.ratio = labeled, unlabeled, ratio
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; the loader calls this at the beginning of each one."""
        self.epoch = epoch

    def __len__(self) -> int:
        companions = 0 if self.unlabeled is None else -(-self.unlabeled.size // self.ratio)  # rounded up
        longer = max(self.labeled.size, companions)
        return -(-longer // self.labeled.batch) * self.labeled.batch

    def __iter__(self) -> Iterator[Index]:
        # Positions go on from epoch to epoch, so that no epoch repeats the order of the one before. A resumed run
        # passes over all positions before its own, so that each must cost little: a step is computed at a time.
        step = self.labeled.batch
        for start in range(self.epoch * len(self), (self.epoch + 1) * len(self), step):
            positions = range(start, start + step)
            yield from zip(
                self.labeled.between(start, start + step).tolist(), self._companions(positions), positions, strict=True
            )

    def drawn(self, steps: int) -> np.ndarray | None:
        """The unlabelled examples that the first optimizer steps read, each once; None where these may be all."""
        count = steps * self.labeled.batch * self.ratio
        if self.unlabeled is None or count >= self.unlabeled.size:
            return None
        return np.unique(self.unlabeled.between(0, count))

    def _companions(self, positions: range) -> Iterator[tuple[int, ...]]:
        """The unlabelled indices at each position."""
        if self.unlabeled is None:
            return iter([()] * len(positions))
        # The same iterator `ratio` times: zip then takes the next `ratio` indices for each position.
        drawn = self.unlabeled.between(positions.start * self.ratio, positions.stop * self.ratio)
        return zip(*[iter(drawn.tolist())] * self.ratio, strict=True)
