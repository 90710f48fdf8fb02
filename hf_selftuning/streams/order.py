"""The examples of each step: a pure function of seed and position, so that a resumed run continues exactly."""

from collections.abc import Iterator, Sequence, Sized

import numpy as np
import torch
from torch.utils.data import Sampler

from .seeds import mix, seeded

Index = tuple[int, tuple[int, ...], int]  # labelled index, unlabelled indices, seed of their views


class Order:
    """An endless order of the examples of one stream: permutation after permutation, a function of the seed alone.

    With lengths, a batch holds examples of similar length: each window of `window` batches is sorted by length, and
    its batches are shuffled. A batch here is what one optimizer step takes, so that neither the number of ranks nor
    the accumulation changes the order.

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
        lengths: Sequence[int] | None = None,
        *,
        window: int = 50,
        shuffle: bool = True,
    ) -> None:
        self.size, self.seed, self.batch, self.window, self.shuffle = size, seed, batch, window, shuffle
        self.lengths = None if lengths is None else np.asarray(lengths)
        self._last: tuple[int, np.ndarray] = (-1, np.empty(0))

    def __getitem__(self, position: int) -> int:
        length = self.batch * self.window
        # Positions rise, so one window is kept and each is computed once.
        number = position // length
        if self._last[0] != number:
            self._last = number, self._block(number, length)
        return int(self._last[1][position % length])

    def _block(self, number: int, length: int) -> np.ndarray:
        # A window may begin in one permutation and end in another; with few examples, it spans many.
        first = number * length
        rounds = range(first // self.size, (first + length - 1) // self.size + 1)
        turns = [self._turn(r) for r in rounds]
        start = first - rounds[0] * self.size
        block = np.concatenate(turns)[start : start + length]
        return block if self.lengths is None else self._grouped(block, self.lengths, number)

    def _turn(self, number: int) -> np.ndarray:
        """One pass over the examples."""
        if not self.shuffle:
            return np.arange(self.size)
        return np.random.default_rng([self.seed, number]).permutation(self.size)

    def _grouped(self, block: np.ndarray, lengths: np.ndarray, number: int) -> np.ndarray:
        # Longest first. The sort is stable, so that sentences of one length keep their shuffled order.
        ordered = block[np.argsort(-lengths[block], kind="stable")].reshape(self.window, self.batch)
        # `permutation` moves the rows of an array, and a row is a batch here: its sentences stay together.
        return np.random.default_rng([self.seed, number, 1]).permutation(ordered).ravel()


class StreamOrder(Order):
    """The order of a stream whose length is unknown: position p is its p-th example."""

    def __init__(self) -> None:
        super().__init__(size=0, seed=0, batch=1)  # with size 0, the labelled examples alone determine the epoch

    def __getitem__(self, position: int) -> int:
        return position


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

    def __getitem__(self, position: int) -> int:
        number = position // self.size
        if self._last[0] != number:
            self._last = number, self._turn(number)
        return int(self._last[1][position % self.size])

    def _turn(self, number: int) -> np.ndarray:
        if isinstance(self._generator, torch.Generator):
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
    """Yields a labelled index, the unlabelled indices that come with it, and the seed of their views.

    A pure function of seed and epoch. An epoch reads the longer dataset once, rounded up to whole optimizer steps, and
    repeats the shorter one. With a stream of unknown length, an epoch reads the labelled examples once. The labelled
    order does not depend on the unlabelled set.

    Args:
        labeled: order of the labelled examples.
        unlabeled: order of the unlabelled examples, or None.
        ratio: number of unlabelled examples for each labelled one.
        seed: seed of the views.
    """

    def __init__(self, labeled: Order, unlabeled: Order | None, ratio: int, seed: int) -> None:
        self.labeled, self.unlabeled, self.ratio, self.seed = labeled, unlabeled, ratio, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; the loader calls this at the beginning of each one."""
        self.epoch = epoch

    def __len__(self) -> int:
        companions = 0 if self.unlabeled is None else -(-self.unlabeled.size // self.ratio)  # rounded up
        longer = max(self.labeled.size, companions)
        return -(-longer // self.labeled.batch) * self.labeled.batch

    def __iter__(self) -> Iterator[Index]:
        # Positions go on from epoch to epoch, so that no epoch repeats the order of the one before.
        for position in range(self.epoch * len(self), (self.epoch + 1) * len(self)):
            first = position * self.ratio
            companions = range(first, first + self.ratio) if self.unlabeled is not None else range(0)
            unlabeled = tuple(self.unlabeled[p] for p in companions) if self.unlabeled is not None else ()
            yield self.labeled[position], unlabeled, mix(self.seed, position)
