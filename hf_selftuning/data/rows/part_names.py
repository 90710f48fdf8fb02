"""Which part of the data the name of a folder or a table stands for: train, validation, test or unlabeled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .present_columns import present_columns

WORDS = {
    "train": ("train", "training", "trn", "trainval", "labeled", "labelled"),
    "validation": ("val", "valid", "validation", "validate", "dev", "devel", "development", "eval", "evaluation"),
    "test": ("test", "testing", "tst", "holdout", "heldout"),
    "unlabeled": ("unlabeled", "unlabelled", "unlabel", "unlab", "nolabel", "nolabels", "unsupervised", "unsup",
                  "unannotated", "extra"),
}  # fmt: skip
PART_OF = {word: part for part, words in WORDS.items() for word in words}
THINGS = ("set", "sets", "data", "dataset", "images", "image", "imgs", "img", "pictures", "photos", "files", "folder",
          "dir", "split", "part", "labels", "list")  # fmt: skip
NEUTRAL = {*THINGS, "seg", "x", "y", "the", "my", "full", "raw", "final", "new", "clean", "cleaned", "resized",
           "cropped", "jpg", "jpeg", "png", "pool"}  # fmt: skip
GLUED = re.compile(f"({'|'.join(sorted(PART_OF, key=len, reverse=True))})({'|'.join(THINGS)})")

PART_COLUMNS = (
    "split",
    "part",
    "set",
    "subset",
    "partition",
    "data set",
    "data_set",
    "dataset",
    "fold",
    "phase",
    "usage",
)
"""What a column is called that says to which part a row belongs."""

FOLD = re.compile(r"(k[_ -]?)?(fold|split|cv)[_ -]?\d+", re.IGNORECASE)


def part_of(name: str) -> str | None:
    """The part that a name stands for, whatever its case: `seg_train`, `TrainSet`, `val2017`, `images-test`.

    A name with any other word, such as `test_tube`, stands for none.
    """
    part, rest = _read(name)
    return None if rest - NEUTRAL else part


def parts_of(names: Iterable[str]) -> dict[str, str]:
    """The part of each name that stands for one; the names may share a further word, as `birds_train` and
    `birds_test` do."""
    read = {name: (part, rest - NEUTRAL) for name in names for part, rest in [_read(name)] if part is not None}
    sharing: dict[frozenset[str], set[str]] = {}
    for part, rest in read.values():
        sharing.setdefault(frozenset(rest), set()).add(part)
    return {name: part for name, (part, rest) in read.items() if not rest or len(sharing[frozenset(rest)]) > 1}


def _read(name: str) -> tuple[str | None, set[str]]:
    """The part among the words of a name, and its other words; numbers say nothing."""
    spaced = name if name.lower() in PART_OF else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [word for word in re.split(r"[\W_\d]+", spaced.lower()) if word]
    words = [piece for word in words for piece in _unglued(word)]
    if "un" in words or "non" in words or "no" in words:  # as in "un-labelled"
        words = re.split(r"\W+", re.sub(r"\b(un|non|no) (?=label)", "unlabeled ", " ".join(words)))
    words = re.split(" ", _as_leaderboards_say(" ".join(words)))
    parts = [PART_OF[word] for word in words if word in PART_OF]
    rest = {word for word in words if word not in PART_OF}
    if "unlabeled" in parts:
        return "unlabeled", rest
    if set(parts) == {"train", "validation"}:  # as in "train_val": the labelled part before a part is held out
        return "train", rest
    return (parts[0] if len(set(parts)) == 1 else None), rest


def part_column(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The column that says to which part a row belongs, if every row has a name of a part there."""
    for name in present_columns(rows):
        cells = (str(row.get(name) or "") for row in rows)
        if name.strip().lower() in PART_COLUMNS and all(map(part_of, cells)):
            return name
    return None


def check_undivided(parts: Mapping[str, int], column: str | None, source: str, what: str) -> None:
    """Refuse a file of one part whose rows are of several.

    Args:
        parts: how many rows are of each part.
        column: that says so.
        source: for messages.
        what: the rows are, such as "sentences".

    Raises:
        ValueError: there are two parts or more.
    """
    if len(parts) > 1:
        told = ", ".join(f"{part} {count:,}" for part, count in parts.items())
        raise ValueError(
            f"{source}: the column {column!r} divides the rows into parts ({told}), and a file of {what} is one part; "
            "write each part into a file of its own, for --train_file, --validation_file and --test_file."
        )


def _as_leaderboards_say(words: str) -> str:
    """The words without `public` and `private`: a competition validates on its public part, and tests on the other."""
    for side, part in (("public", "validation"), ("private", "test")):
        words = re.sub(rf"\b{side} ?test\b", part, words)
    return words


def folds_of(names: Iterable[str]) -> list[str]:
    """Those of some names that stand for folds of a cross-validation, such as `fold1` and `fold_2`; two at least."""
    found = [name for name in names if FOLD.fullmatch(name)]
    return found if len(found) > 1 else []


def _unglued(word: str) -> list[str]:
    found = GLUED.fullmatch(word)
    return list(found.groups()) if found else [word]
