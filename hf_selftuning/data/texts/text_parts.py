"""Which part of the data a name stands for: train, validation, test or unlabeled."""

import re

from ..dataset_parts import UNLABELED, VALIDATION

NAMES = {
    "train": ("train", "training"),
    "validation": (*VALIDATION, "val"),
    "test": ("test", "testing"),
    "unlabeled": (*UNLABELED, "unsup"),
}
PART_OF = {name: part for part, names in NAMES.items() for name in names}


def part_of(name: str) -> str | None:
    """The part that a name stands for, such as `train`, or `oos_val` for validation; None for any other name."""
    words = [word for word in re.split(r"[\W_\d]+", name.lower()) if word]
    found = [PART_OF[word] for word in words if word in PART_OF]
    return found[0] if len(found) == 1 and words[-1] in PART_OF else None
