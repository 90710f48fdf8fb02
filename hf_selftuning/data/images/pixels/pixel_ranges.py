"""The numbers that stand for black and white in images of more than 8 bits: one range for all images of a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

STEPS = (1, 2, 4, 8, 16, 32, 64, 128, *(2**bits - 1 for bits in (8, 10, 12, 14, 16, 24, 32)))
"""The values that white may have: a range begins and ends at one of them, so that a few images more do not move it."""

Range = tuple[float, float]


@dataclass(frozen=True)
class PixelRanges:
    """The numbers that stand for black and white, where a file does not say them.

    An image is never stretched by its own darkest and brightest pixel, because two classes may differ in brightness.

    Args:
        integers: black and white of images with 16 or 32 bits.
        floats: black and white of images of floats.
    """

    integers: Range = (0, 2**16 - 1)
    floats: Range = (0.0, 1.0)

    @classmethod
    def around(cls, integers: Iterable[float], floats: Iterable[float]) -> Self:
        """The smallest ranges that hold all numbers.

        Integers up to 3,520 give (0, 4095), because they were measured with 12 bits. Negative numbers give a range
        around 0, such as (-4095, 4095). Without any number, the range is the default.

        Args:
            integers: the smallest and the largest numbers of the images of integers.
            floats: those of the images of floats.

        Raises:
            ValueError: a number is larger than the largest of 32 bits.
        """
        return cls(_around(integers) or cls.integers, _around(floats, at_least=1) or cls.floats)

    @classmethod
    def of_config(cls, config: Any) -> Self:
        """The ranges that a model was trained with; the default if its config has none."""
        return cls(**{name: tuple(ends) for name, ends in (getattr(config, "pixel_ranges", None) or {}).items()})

    def write_to(self, config: Any) -> None:
        """Keep the ranges in a model's config, so that later images are read in the same way."""
        if self != type(self)() or getattr(config, "pixel_ranges", None):
            config.pixel_ranges = {"integers": list(self.integers), "floats": list(self.floats)}


def _around(numbers: Iterable[float], *, at_least: float = 0) -> Range | None:
    found = list(numbers)
    if not found:
        return None
    largest = max(at_least, *map(abs, found))
    if largest > STEPS[-1]:
        raise ValueError(f"A pixel has the value {largest:g}, which 32 bits cannot hold; save the images in 16 bits.")
    white = next(step for step in STEPS if step >= largest)
    return (-white if min(found) < 0 else 0, white)
