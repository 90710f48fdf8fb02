"""The checks that examples with one class each go through, whatever they are: classes, parts without them, copies."""

import logging
from collections.abc import Collection, Mapping, Sequence

from ..copies import repeated
from ..label_names import name_doubts
from ..rows.label_cells import NoLabelsError
from ..rows.plain_text import counted, listed, natural
from .class_parts import ClassParts
from .class_reading import ClassReading

logger = logging.getLogger(__name__)

UNEVEN = 20


def class_names_of(train: ClassReading, *, outside: Collection[str] = (), folders: bool = False) -> list[str]:
    """The names of the classes by index; what is odd about them becomes a doubt of the reading.

    Args:
        train: the reading of the training part.
        outside: classes that are not learned.
        folders: the names are those of folders.

    Raises:
        ValueError: there are less than two classes.
    """
    present, one = set(train.counts), train.one
    names = [name for name in train.names or sorted(present, key=natural) if name not in outside]
    if len(present) < 2:
        only = f"the class {next(iter(present))!r} alone" if present else f"no {one} with a class"
        doubts = "".join(f" {doubt[0].upper()}{doubt[1:]}." for doubt in train.doubts)
        raise (ValueError if present else NoLabelsError)(
            f"{train.source} has {only}, and a classifier needs two classes or more; add {one}s of another, or name "
            f"the column of the classes by --label_column_name.{doubts}"
        )
    for doubt in name_doubts(train.source, names, folders=folders):
        train.doubt(doubt)
    lacking = [name for name in names if name not in present]
    if lacking:
        train.doubt(
            f"{counted(len(lacking), 'class has', 'classes have')} no {one}: {listed(lacking)}; add some, or "
            "take the names out"
        )
    return names


def check_scored(parts: ClassParts, part: str, *, outside: int = 0, more_ways: Sequence[str] = ()) -> None:
    """Take out a part without classes; refuse one with classes that training lacks.

    Args:
        parts: of the data.
        part: which one.
        outside: how many of its examples had a class that is not learned; these were reported before.
        more_ways: what a user can do about a class that training lacks, beside naming it and adding examples.

    Raises:
        ValueError: the part has a class that training lacks.
    """
    reading, one = parts.readings[part], parts.one
    if not len(reading.labeled):
        del parts.readings[part]
        found = f"the {part} part has no classes, so its {counted(len(reading), one)} will not be scored"
        logger.warning("%s: %s; `hf-selftuning predict` classifies them.", reading.source, found)
        return
    known = set(parts.names)
    other = sorted(reading.counts.keys() - known, key=natural)
    if other:
        *ways, last = ["name them like those", f"add {one}s of them to the training part", *more_ways]
        raise ValueError(
            f"{reading.source} has the classes {listed(other)}, and training knows {listed(parts.names)}; "
            f"{', '.join(ways)}, or {last}."
        )
    if len(reading.unlabeled) > outside:
        left_out = counted(len(reading.unlabeled) - outside, one)
        parts.doubt(part, f"{left_out} without a class left out, as nothing can be scored on them")


def doubt_repeats(parts: ClassParts) -> None:
    """Say which training examples are there more than once, and which of them under two classes."""
    reading, one = parts.train, parts.one
    again = repeated(parts.of_labeled("train"), reading.labeled)
    torn = [(first, row) for first, row in again if reading.classes[first] != reading.classes[row]]
    if again:
        found = counted(len(again), f"{one} is", f"{one}s are")
        parts.doubt("train", f"{found} there more than once; take the copies out, or they count more than others")
    if torn:
        places = " and ".join(map(reading.place, torn[0]))
        found = counted(len(torn), f"{one} is", f"{one}s are")
        parts.doubt("train", f"{found} there under two classes, such as {places}; keep one")


def evenness_doubts(counts: Mapping[str, int], one: str) -> list[str]:
    """What looks odd about the sizes of classes: some have one example only, or they are very uneven.

    Args:
        counts: how many training examples of each class.
        one: what one example is.
    """
    if not counts:
        return []
    single = [name for name, count in counts.items() if count == 1]
    if single:
        found = counted(len(single), "class has", "classes have")
        return [f"{found} one {one} only ({listed(single)}); add {one}s of them"]
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    few, many = counts[least], counts[most]
    if many <= UNEVEN * few:
        return []
    return [
        f"the classes are uneven: {most} has {counted(many, one)}, {least} has {few:,}; add {one}s of {least}, or "
        "look at the score of each class"
    ]
