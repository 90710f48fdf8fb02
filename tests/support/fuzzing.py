"""Fuzz tests that run for as long as they are told."""

import os
import time
from collections.abc import Callable


def for_minutes(run: Callable[[int], object], size: int, what: str) -> None:
    """Call `run` with the number of examples until FUZZ_MINUTES are over; each round draws other examples."""
    end = time.monotonic() + 60 * float(os.environ.get("FUZZ_MINUTES", "1"))
    rounds = 0
    while time.monotonic() < end:
        run(size)
        rounds += 1
    print(f"{size * rounds:,} {what}")
