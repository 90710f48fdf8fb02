"""The gate that texts of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...core.spelling import did_you_mean
from ..carving import carved_indices, share_to_carve
from ..copies import repeated
from ..label_names import name_doubts
from ..rows.label_cells import NoLabelsError
from ..rows.plain_text import counted, listed
from .text_copies import count_copies, unlabeled_pool
from .text_data import LABEL, TextData, texts_dataset, with_wordings
from .text_encoding import AUGMENTED
from .text_gathered import SCORED, Parts
from .text_readings import TextReading, digests
from .text_summary import TextSummary, summarise

logger = logging.getLogger(__name__)

PUBLISHED = {"validation": "dev", "test": "test"}
UNEVEN = 20


def data_of(
    name: str,
    readings: Mapping[str, TextReading],
    *,
    test_share: float | None = None,
    open_set_class: Sequence[str] = (),
    published: bool = False,
) -> TextData:
    """Data of readings under "train" and perhaps "validation", "test" and "unlabeled"; all go through the same checks.

    Texts of the training part that have no class become unlabelled ones. A validation or test part without classes
    is not scored. Without a test part, the validation part is the test part.

    Args:
        name: of the data.
        readings: of its parts.
        test_share: share of each class to keep for testing if there is no test part. None keeps a fifth; beside
            unlabelled texts it keeps nothing, because labels are few then and all of them should train.
        open_set_class: classes that the model does not learn. Training texts of them become unlabelled ones, and
            others are not scored.
        published: the parts are those of a dataset of the Hub.

    Raises:
        ValueError: there are less than two classes, or a part has other classes than the training part.
    """
    parts = Parts(dict(readings), [])
    outside = _keep_outside(parts, open_set_class)
    parts.names = _class_names(parts.readings["train"], open_set_class)
    for part in [part for part in SCORED if part in parts.readings]:
        _check_scored(parts, part, outside.get(part, 0))
    roles = _give_roles(parts)
    parts.contents = {part: digests(reading.texts) for part, reading in parts.readings.items()}
    _doubt_train(parts)
    count_copies(parts)
    pool = unlabeled_pool(parts)
    summaries = _summaries(parts)
    for summary in summaries:
        summary.log()
    labeled = {
        part: texts_dataset(reading, reading.labeled, parts.names)
        for part, reading in parts.readings.items()
        if part != "unlabeled"
    }
    train = labeled["train"]
    if pool is not None and AUGMENTED in {*train.column_names, *pool.column_names}:
        train, pool = with_wordings(train), with_wordings(pool)
    data = TextData(
        name=name,
        train=train,
        validation=labeled.get("validation"),
        test=labeled.get("test"),
        class_names=parts.names,
        unlabeled=pool,
        summaries=summaries,
        contents=parts.of_labeled("train"),
        published={PUBLISHED[role]: part for role, part in roles.items()} if published else {},
    )
    return _carved(data, parts, test_share)


def _keep_outside(parts: Parts, outside: Sequence[str]) -> dict[str, int]:
    """Take the classes that are not learned from all texts; returns how many texts of each part had one."""
    counts: dict[str, int] = {}
    known = {name for reading in parts.readings.values() for name in reading.classes if name is not None}
    for name in outside:
        if name not in known:
            raise ValueError(
                f"--open_set_class {name}: no text has that class, and there are {listed(sorted(known))}."
                f"{did_you_mean(name, known)}"
            )
    for part, reading in parts.readings.items():
        found = counts[part] = sum(name in outside for name in reading.classes)
        if not found:
            continue
        told = "are read as unlabelled" if part == "train" else "are not scored"
        parts.doubt(part, f"{counted(found, 'text')} of {listed(list(outside))} {told} (--open_set_class)")
        reading.classes = [None if name in outside else name for name in reading.classes]
    return counts


def _class_names(train: TextReading, outside: Sequence[str]) -> list[str]:
    present = {name for name in train.classes if name is not None}
    names = [name for name in train.names or sorted(present, key=_natural) if name not in outside]
    if len(present) < 2:
        only = f"the class {next(iter(present))!r} alone" if present else "no text with a class"
        raise (ValueError if present else NoLabelsError)(
            f"{train.source} has {only}, and a classifier needs two classes or more; add texts of another, or name "
            f"the column of the classes by --label_column_name.{_first_upper(train.doubts)}"
        )
    for doubt in name_doubts(train.source, names):
        train.doubt(doubt)
    lacking = [name for name in names if name not in present]
    if lacking:
        train.doubt(
            f"{counted(len(lacking), 'class has', 'classes have')} no text: {listed(lacking)}; add some, or "
            "take the names out"
        )
    if len(present) > max(2, len(train.labeled) / 2):
        train.doubt(
            f"{len(present):,} classes stand beside {len(train.labeled):,} texts; is it the right column? "
            "--label_column_name names another"
        )
    return names


def _first_upper(doubts: Sequence[str]) -> str:
    return "".join(f" {doubt[0].upper()}{doubt[1:]}." for doubt in doubts)


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which 2 comes before 10."""
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", name) if piece]


def _check_scored(parts: Parts, part: str, outside: int) -> None:
    """Take out a part without classes; refuse one with classes that training lacks.

    Args:
        parts: of the data.
        part: which one.
        outside: how many of its texts had a class that is not learned; these were reported before.
    """
    reading = parts.readings[part]
    if not len(reading.labeled):
        del parts.readings[part]
        found = f"the {part} part has no classes, so its {counted(len(reading.texts), 'text')} will not be scored"
        logger.warning("%s: %s; `hf-selftuning predict` classifies them.", reading.source, found)
        return
    known = set(parts.names)
    other = sorted({name for name in reading.classes if name is not None and name not in known}, key=_natural)
    if other:
        raise ValueError(
            f"{reading.source} has the classes {listed(other)}, and training knows {listed(parts.names)}; name them "
            "like those, add texts of them to the training part, or leave them out by --open_set_class."
        )
    if len(reading.unlabeled) > outside:
        left_out = counted(len(reading.unlabeled) - outside, "text")
        parts.doubt(part, f"{left_out} without a class left out, as nothing can be scored on them")


def _give_roles(parts: Parts) -> dict[str, str]:
    """The source's own name of each scored part. Without a test part, the validation part becomes it."""
    if "test" in parts.readings or "validation" not in parts.readings:
        return {part: part for part in SCORED if part in parts.readings}
    parts.readings["test"] = parts.readings.pop("validation")
    parts.doubts["test"] = parts.doubts.pop("validation", [])
    return {"test": "validation"}


def _doubt_train(parts: Parts) -> None:
    """Say which training texts are there more than once or under two classes, and whether classes are uneven."""
    reading = parts.readings["train"]
    again = repeated(parts.of_labeled("train"), reading.labeled)
    torn = [(one, row) for one, row in again if reading.classes[one] != reading.classes[row]]
    if again:
        found = counted(len(again), "text is", "texts are")
        parts.doubt("train", f"{found} there more than once; take the copies out, or they count more than others")
    if torn:
        places = " and ".join(map(reading.place, torn[0]))
        found = counted(len(torn), "text is", "texts are")
        parts.doubt("train", f"{found} there under two classes, such as {places}; keep one")
    counts = Counter(name for name in reading.classes if name is not None)
    (most, many), (least, few) = counts.most_common()[0], counts.most_common()[-1]
    single = [name for name, count in counts.items() if count == 1]
    if single:
        parts.doubt(
            "train",
            f"{counted(len(single), 'class has', 'classes have')} one text only ({listed(single)}); add texts of them",
        )
    elif many > UNEVEN * few:
        parts.doubt(
            "train",
            f"the classes are uneven: {most} has {counted(many, 'text')}, {least} has {few:,}; add texts of "
            f"{least}, or look at the score of each class",
        )


def _summaries(parts: Parts) -> tuple[TextSummary, ...]:
    order = [part for part in ("train", *SCORED, "unlabeled") if part in parts.readings]
    return tuple(summarise(part, parts.readings[part], parts.names, parts.doubts.get(part, ())) for part in order)


def _carved(data: TextData, parts: Parts, test_share: float | None) -> TextData:
    """The data with a test part, split off where there is none."""
    scored = None if data.test is None else parts.readings["test"].source
    share = share_to_carve(test_share, test=scored, unlabeled=data.unlabeled is not None)
    if not share:
        return data
    kept, test = carved_indices(data.train[LABEL][:], data.class_names, share, contents=data.contents, what="text")
    source = parts.readings["train"].source
    logger.warning("No test part was given: %s of %s are kept for testing.", counted(len(test), "text"), source)
    train, contents = data.train.select(kept), data.contents.take(kept)
    return replace(data, train=train, test=data.train.select(test), contents=contents)
