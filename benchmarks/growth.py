"""How the time of the contrast grows with classes, rows, keys a class and projector width, each doubled five times."""

import dataclasses
import statistics
from typing import Any

import torch

from .contrasts import our_contrast
from .shapes import Contrast
from .timing import interleaved, log_log_slope

# These sizes are large enough that even at the first one matrix products take the time, and not the calls.
BASE = Contrast(classes=256, size=32, dim=256, rows=64)
QUICK_BASE = Contrast(classes=64, size=32, dim=128, rows=32)
DOUBLINGS = 5


def growth(base: Contrast, device: torch.device, *, repetitions: int) -> dict[str, dict[str, Any]]:
    """Sizes, median seconds and log-log slope for one size after another, with the others as in `base`."""
    found = {}
    for field in dataclasses.fields(base):
        sizes = [getattr(base, field.name) * 2**doubling for doubling in range(DOUBLINGS + 1)]
        runs = {
            str(size): our_contrast(dataclasses.replace(base, **{field.name: size}), device) for size in sizes
        }  # fmt: skip
        times = [
            statistics.median(each) for each in interleaved(runs, repetitions=repetitions, device=device).values()
        ]
        found[field.name] = {"sizes": sizes, "seconds": times, "slope": log_log_slope(sizes, times)}
    return found
