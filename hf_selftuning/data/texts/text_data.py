"""The common form of texts from all sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from datasets import ClassLabel, Dataset, Features, List, Value

from ..classes.class_data import LABEL as LABEL
from ..classes.class_data import ClassData
from ..mapped_rows import in_batches
from .text_encoding import AUGMENTED
from .text_readings import TextReading

TEXT, PAIR = "text", "text_pair"
Rows = Sequence[int] | np.ndarray


@dataclass(frozen=True)
class TextData(ClassData):
    """Texts in a column `text`, and their classes in a column `label`, a dataset for each part.

    Pairs have their second text in a column `text_pair`. Other wordings of the texts are in a column `augmented`.
    """

    one: ClassVar[str] = "text"

    @property
    def pairs(self) -> bool:
        """Whether each text is a pair of texts."""
        return PAIR in self.train.column_names

    @property
    def text_columns(self) -> tuple[str, ...]:
        """The column of the texts, or those of a pair."""
        return (TEXT, PAIR) if self.pairs else (TEXT,)


def texts_dataset(reading: TextReading, rows: Rows, names: Sequence[str] | None = None) -> Dataset:
    """Some texts of a reading.

    Args:
        reading: of a part.
        rows: the indices of the texts.
        names: of the classes by index; None leaves the classes out.
    """
    features: dict[str, Any] = {TEXT: Value("string")}
    if len(rows) and len(reading.texts[rows[0]]) > 1:
        features[PAIR] = Value("string")
    if reading.wordings:
        features[AUGMENTED] = List(Value("string"))
    if names is not None:
        features[LABEL] = ClassLabel(names=list(names))
    index: dict[str | None, int] = {name: place for place, name in enumerate(names or ())}
    found = (
        {
            TEXT: (texts := reading.texts[row])[0],
            PAIR: texts[-1],
            AUGMENTED: reading.wordings.get(row, []),
            LABEL: index.get(reading.classes[row]),
        }
        for row in map(int, rows)
    )
    return in_batches(found, Features(features))


def with_wordings(dataset: Dataset) -> Dataset:
    """The dataset with an empty list of other wordings for each text, if it has no such column."""
    if AUGMENTED in dataset.column_names:
        return dataset
    return dataset.add_column(AUGMENTED, [[]] * len(dataset), feature=List(Value("string")))
