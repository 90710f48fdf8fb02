"""Seeds made of numbers and words, and random draws under a seed of their own."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def mix(*numbers: int | str) -> int:
    """One seed from several numbers or words, the same in every process."""
    # `hash` of a word differs from process to process.
    words = [n if isinstance(n, int) else int.from_bytes(n.encode(), "little") for n in numbers]
    return int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the generators of Python, numpy and torch, and restore their states afterwards.

    Views are drawn under a seed of their own, because the global generators cannot be resumed: Trainer restores their
    state only after the first batches were read.
    """
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)  # numpy takes no more than 32 bits here
    torch.default_generator.manual_seed(seed % 2**63)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
