"""The gate that texts of every source go through: what is surely wrong is refused, what is odd becomes a doubt."""

from collections.abc import Mapping, Sequence

from ...core.spelling import did_you_mean
from ..classes.class_checks import check_scored, class_names_of, doubt_repeats, evenness_doubts
from ..classes.class_parts import PUBLISHED, ClassParts
from ..rows.plain_text import counted, listed
from .text_copies import count_copies, unlabeled_pool
from .text_data import TextData, texts_dataset, with_wordings
from .text_encoding import AUGMENTED
from .text_readings import TextReading, digests
from .text_summary import TextSummary


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
    parts = ClassParts(dict(readings))
    outside = _keep_outside(parts, open_set_class)
    parts.names = class_names_of(parts.train, outside=open_set_class)
    _doubt_column(parts.train)
    for part in parts.scored:
        way = "leave them out by --open_set_class"
        check_scored(parts, part, outside=outside.get(part, 0), more_ways=[way])
    roles = parts.give_roles()
    for reading in parts.readings.values():
        reading.contents = digests(reading.texts)
    _doubt_train(parts)
    count_copies(parts)
    pool = unlabeled_pool(parts)
    summaries = tuple(TextSummary.of(part, reading, parts.names, doubts) for part, reading, doubts in parts.in_order())
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
    test = parts.readings["test"].source if "test" in labeled else None
    return data.with_test(test_share, train=parts.train.source, test=test)


def _keep_outside(parts: ClassParts[TextReading], outside: Sequence[str]) -> dict[str, int]:
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


def _doubt_column(train: TextReading) -> None:
    """Say that there are nearly as many classes as texts."""
    counts = train.counts
    present, labeled = len(counts), counts.total()
    if present > max(2, labeled / 2):
        train.doubt(
            f"{present:,} classes stand beside {labeled:,} texts; is it the right column? --label_column_name names "
            "another"
        )


def _doubt_train(parts: ClassParts[TextReading]) -> None:
    """Say which training texts are there more than once or under two classes, and whether classes are uneven."""
    doubt_repeats(parts)
    for doubt in evenness_doubts(parts.train.counts, parts.one):
        parts.doubt("train", doubt)
