"""Tagged sentences from a dataset of the Hub, or from a local folder in its layout."""

from typing import Any

from datasets import ClassLabel, Dataset, DatasetDict, load_dataset

from .conll import to_iob2
from .hub import require_hub
from .word_data import WordData, word_data
from .word_tables import WordColumns, tag_name

VALIDATION = ("validation", "valid", "dev")


def from_hub(
    name: str, config: str | None = None, revision: str | None = None, *, columns: WordColumns | None = None
) -> WordData:
    """Load a dataset of data files (Parquet, JSON lines, ...); class labels keep their order and names.

    Raises:
        ValueError: the name cannot be loaded, or lacks a training part or a column.
    """
    parts = load_parts(name, config, revision)
    columns = columns or WordColumns()
    label_column = columns.label_column(parts["train"].column_names)
    for column in (columns.text, label_column):
        if column not in parts["train"].column_names:
            raise ValueError(
                f"The dataset {name!r} has no column {column!r} among {parts['train'].column_names}; "
                "name the right one."
            )
    chosen = {part: _filled(dataset, columns.text, label_column) for part, dataset in parts.items()}
    inner = getattr(chosen["train"].features["ner_tags"], "feature", None)
    if not isinstance(inner, ClassLabel):
        return word_data(name, {part: _tagged(dataset, name, columns) for part, dataset in chosen.items()})
    return WordData(name, chosen["train"], chosen.get("validation"), chosen.get("test"), list(inner.names))


def load_parts(name: str, config: str | None = None, revision: str | None = None) -> dict[str, Dataset]:
    """The parts of a dataset under "train", "validation" and "test", as far as it has them."""
    require_hub(name, "dataset")
    loaded = _load(name, config, revision)
    if "train" not in loaded:
        raise ValueError(f"The dataset {name!r} has the parts {sorted(loaded)}; give one that has 'train'.")
    validation = next((part for part in VALIDATION if part in loaded), "validation")
    sources = {"train": "train", "validation": validation, "test": "test"}
    return {part: loaded[source] for part, source in sources.items() if source in loaded}


def _load(name: str, config: str | None, revision: str | None) -> DatasetDict:
    try:
        return load_dataset(name, config, revision=revision)
    except RuntimeError as error:
        if "script" not in str(error):
            raise
        raise ValueError(
            f"The dataset {name!r} is a script, which is no longer run; "
            "take revision='refs/convert/parquet' (--dataset_revision of the recipes), or a copy of data files."
        ) from error


def _filled(dataset: Dataset, text_column: str, label_column: str) -> Dataset:
    """The two columns under their usual names, without sentences that have no word."""
    dataset = dataset.select_columns([text_column, label_column])
    renamed = {text_column: "tokens", label_column: "ner_tags"}
    dataset = dataset.rename_columns({old: new for old, new in renamed.items() if old != new})
    filled = [index for index, words in enumerate(dataset["tokens"]) if words]
    return dataset if len(filled) == len(dataset) else dataset.select(filled)


def _tagged(dataset: Dataset, name: str, columns: WordColumns) -> tuple[Any, list[list[str]]]:
    place = f"The dataset {name!r}"
    tags = [[tag_name(tag, place, columns.tag_names) for tag in row] for row in dataset["ner_tags"]]
    return list(dataset["tokens"]), [to_iob2(row) for row in tags]
