"""Tagged sentences that are in memory: datasets, or lists by column."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datasets import ClassLabel, Dataset

from .tables.table_columns import WordColumns
from .tables.word_tables import read_rows
from .word_data import WordData, data_of
from .word_records import Reading

BATCH = 1000


def from_columns(
    train: Mapping[str, Sequence[Any]] | Dataset,
    validation: Mapping[str, Sequence[Any]] | Dataset | None = None,
    test: Mapping[str, Sequence[Any]] | Dataset | None = None,
    *,
    columns: WordColumns | None = None,
) -> WordData:
    """Data of columns in memory: datasets, or lists by name; they pass the checks of all tables.

    Raises:
        ValueError: a column is missing, or a row does not fit.
    """
    columns = columns or WordColumns()
    given = {"train": train, "validation": validation, "test": test}
    readings = {
        part: dataset_reading(rows, f"memory {part}", columns) for part, rows in given.items() if rows is not None
    }
    return data_of("memory", readings, columns.tag_names)


def dataset_reading(
    dataset: Dataset | Mapping[str, Sequence[Any]], source: str, columns: WordColumns, *, tagged: bool = True
) -> Reading:
    """The sentences of a dataset, or of lists by name, through the checks of all tables.

    Args:
        dataset: of the sentences.
        source: for messages.
        columns: where words and tags stand, as far as it is known.
        tagged: whether tags are read, and must be there.

    Raises:
        ValueError: a column is missing, or a row does not fit.
    """
    if not isinstance(dataset, Dataset):
        cells = (dict(zip(dataset, row, strict=True)) for row in zip(*dataset.values(), strict=True))
        return read_rows(enumerate(cells, start=1), source, columns, tagged=tagged, class_names={})
    inner = {name: getattr(feature, "feature", feature) for name, feature in dataset.features.items()}
    names = {name: list(label.names) for name, label in inner.items() if isinstance(label, ClassLabel)}
    return read_rows(_rows(dataset), source, columns, tagged=tagged, class_names=names)


def _rows(dataset: Dataset) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    for batch in dataset.iter(batch_size=BATCH):
        for cells in zip(*batch.values(), strict=True):
            number += 1
            yield number, dict(zip(batch, cells, strict=True))
