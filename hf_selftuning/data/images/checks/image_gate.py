"""The gate that images of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

from collections.abc import Mapping, Sequence

from datasets import ClassLabel, Dataset

from ...classes.class_checks import check_scored, class_names_of, doubt_repeats
from ...classes.class_data import LABEL
from ...classes.class_parts import PUBLISHED, ClassParts
from ..readings.image_data import ImageData
from ..readings.image_readings import ImageReading
from ..readings.image_summary import summarise
from .image_copies import check_copies, unlabeled_pool

NO_LABEL = -1


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
    train = readings["train"]
    parts = ClassParts(dict(readings), class_names_of(train, folders=not train.layout))
    for part in parts.scored:
        check_scored(parts, part)
    roles = parts.give_roles()
    error = check_copies(parts, allow_duplicates=allow_duplicates)
    doubt_repeats(parts)
    pool = unlabeled_pool(parts, allow_duplicates=allow_duplicates)
    summaries = tuple(summarise(part, reading, parts.names, doubts) for part, reading, doubts in parts.in_order())
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
    test = parts.readings["test"].source if "test" in labeled else None
    return data.with_test(test_share, train=train.source, test=test)


def _labeled(reading: ImageReading, names: Sequence[str]) -> Dataset:
    """The images that have a class, with its index in a column `label`."""
    index: dict[str | None, int] = {None: NO_LABEL} | {name: place for place, name in enumerate(names)}
    labels = [index[name] for name in reading.classes]
    whole = reading.images.add_column(LABEL, labels, feature=ClassLabel(names=list(names)))
    return whole if NO_LABEL not in labels else whole.select(reading.labeled)
