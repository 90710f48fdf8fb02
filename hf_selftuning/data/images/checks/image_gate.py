"""The gate that images of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from datasets import ClassLabel, Dataset

from ...carving import carved_indices, share_to_carve
from ...label_names import name_doubts
from ...rows.plain_text import counted, listed
from ..folders.folder_tree import natural
from ..readings.image_data import ImageData
from ..readings.image_readings import ImageReading
from ..readings.image_summary import ImageSummary, summarise
from .checked_parts import SCORED, CheckedParts
from .image_copies import check_copies, unlabeled_pool

logger = logging.getLogger(__name__)

NO_LABEL = -1
PUBLISHED = {"validation": "dev", "test": "test"}


def data_of(
    name: str,
    readings: Mapping[str, ImageReading],
    *,
    test_share: float | None = None,
    allow_duplicates: bool = False,
    published: bool = False,
) -> ImageData:
    """Data of readings under "train" and perhaps "validation", "test" and "unlabeled"; all go through the same checks.

    Images of the training part that have no class become unlabelled ones. A validation or test part without classes
    is not scored. Without a test part, the validation part is the test part.

    Args:
        name: of the data.
        readings: of its parts, with the digests of their images.
        test_share: share of each class to keep for testing if there is no test part. None keeps a fifth; beside
            unlabelled images it keeps nothing, because labels are few then and all of them should train.
        allow_duplicates: keep images that several parts hold.
        published: the parts are those of a dataset of the Hub.

    Raises:
        ValueError: there are less than two classes, a part has other classes than the training part, or the test part
            holds images of the training part.
    """
    parts = CheckedParts(dict(readings), _class_names(readings["train"]))
    for part in SCORED:
        if part in parts.readings:
            _check_scored(parts, part)
    roles = _give_roles(parts)
    error = check_copies(parts, allow_duplicates=allow_duplicates)
    pool = unlabeled_pool(parts, allow_duplicates=allow_duplicates)
    summaries = _summaries(parts)
    for summary in summaries:
        summary.log()
    if error is not None:
        raise ValueError(error)
    labeled = {part: _labeled(reading, parts.names) for part, reading in parts.readings.items() if part != "unlabeled"}
    data = ImageData(
        name=name,
        train=labeled["train"],
        validation=labeled.get("validation"),
        test=labeled.get("test"),
        class_names=parts.names,
        unlabeled=pool,
        summaries=summaries,
        contents=parts.of_labeled("train"),
        published={PUBLISHED[role]: part for role, part in roles.items()} if published else {},
    )
    return _carved(data, parts, test_share)


def _class_names(train: ImageReading) -> list[str]:
    present = {name for name in train.classes or () if name is not None}
    names = list(train.names or sorted(present, key=natural))
    if len(present) < 2:
        only = f"the class {next(iter(present))!r} alone" if present else "no image with a class"
        raise ValueError(
            f"{train.source} has {only}, and a classifier needs two classes or more; add images of another, or name "
            "the column of the classes by --label_column_name."
        )
    train.doubts += name_doubts(train.source, names, folders=not train.layout)
    lacking = [name for name in names if name not in present]
    if lacking:
        train.doubts.append(
            f"{counted(len(lacking), 'class has', 'classes have')} no image: {listed(lacking)}; add some, or "
            "take the names out"
        )
    return names


def _check_scored(parts: CheckedParts, part: str) -> None:
    """Take out a part without classes; refuse one with classes that training lacks."""
    reading = parts.readings[part]
    if not len(reading.labeled):
        del parts.readings[part]
        found = f"the {part} part has no classes, so its {counted(len(reading.images), 'image')} will not be scored"
        logger.warning("%s: %s; `hf-selftuning predict` classifies them.", reading.source, found)
        return
    known = set(parts.names)
    other = sorted({name for name in reading.classes or () if name is not None and name not in known}, key=natural)
    if other:
        raise ValueError(
            f"{reading.source} has the classes {listed(other)}, and training knows {listed(parts.names)}; name them "
            "like those, or add images of them to the training part."
        )
    if len(reading.unlabeled):
        left_out = counted(len(reading.unlabeled), "image")
        parts.doubt(part, f"{left_out} without a class left out, as nothing can be scored on them")


def _give_roles(parts: CheckedParts) -> dict[str, str]:
    """The source's own name of each scored part. Without a test part, the validation part becomes it."""
    if "test" in parts.readings or "validation" not in parts.readings:
        return {part: part for part in SCORED if part in parts.readings}
    parts.readings["test"] = parts.readings.pop("validation")
    parts.doubts["test"] = parts.doubts.pop("validation", [])
    return {"test": "validation"}


def _summaries(parts: CheckedParts) -> tuple[ImageSummary, ...]:
    order = [part for part in ("train", *SCORED, "unlabeled") if part in parts.readings]
    return tuple(summarise(part, parts.readings[part], parts.names, parts.doubts.get(part, ())) for part in order)


def _labeled(reading: ImageReading, names: Sequence[str]) -> Dataset:
    """The images that have a class, with its index in a column `label`."""
    index: dict[str | None, int] = {None: NO_LABEL} | {name: place for place, name in enumerate(names)}
    labels = [index[name] for name in reading.classes or ()]
    whole = reading.images.add_column("label", labels, feature=ClassLabel(names=list(names)))
    return whole if NO_LABEL not in labels else whole.select(reading.labeled)


def _carved(data: ImageData, parts: CheckedParts, test_share: float | None) -> ImageData:
    """The data with a test part, split off where there is none."""
    scored = None if data.test is None else parts.readings["test"].source
    share = share_to_carve(test_share, test=scored, unlabeled=data.unlabeled is not None)
    if not share:
        return data
    kept, test = carved_indices(data.train["label"][:], data.class_names, share, contents=data.contents)
    source = parts.readings["train"].source
    logger.warning("No test part was given: %s of %s are kept for testing.", counted(len(test), "image"), source)
    _tell_untested(data, test, source)
    train, contents = data.train.select(kept), data.contents.take(kept)
    return replace(data, train=train, test=data.train.select(test), contents=contents)


def _tell_untested(data: ImageData, test: Sequence[int], source: str) -> None:
    """Say which classes are not tested, or that the test part shares images with training."""
    labels = data.train["label"][:]
    lacking = [data.class_names[label] for label in sorted(set(labels) - {labels[row] for row in test})]
    if lacking:
        logger.warning(
            "%s: %s not tested (%s), because all its images are there under another class, too.",
            source, counted(len(lacking), "class is", "classes are"), listed(lacking),
        )  # fmt: skip
    kept = np.delete(np.arange(len(labels)), test)
    if data.contents.take(test).are_in(data.contents.take(kept)).any():
        logger.warning(
            "%s: every image is there under two classes or more, so the test part shares images with training.", source
        )
