"""The parts of a dataset of the Hub, or of a local folder in its layout: training, validation and test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, load_dataset, load_from_disk

from .hub import require_hub

VALIDATION = ("validation", "valid", "dev")
UNLABELED = ("unlabeled", "unlabelled", "unsupervised")


def load_parts(
    name: str, config: str | None = None, revision: str | None = None, *, unlabeled: bool = False
) -> dict[str, Dataset]:
    """The parts of a dataset under "train", "validation" and "test", as far as it has them.

    Args:
        name: local folder or Hub id.
        config: of the dataset.
        revision: of the dataset on the Hub.
        unlabeled: also return a part of examples without labels, under "unlabeled".
    """
    require_hub(name, "dataset")
    parts = _load(name, config, revision)
    chosen = chosen_parts(name, parts)
    found = next((part for part in UNLABELED if part in parts), None)
    return {**chosen, "unlabeled": parts[found]} if unlabeled and found else chosen


def chosen_parts(name: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Parts by our names.

    Raises:
        ValueError: there is none for training.
    """
    if "train" not in parts:
        raise ValueError(f"The dataset {name!r} has the parts {sorted(parts)}; give one that has 'train'.")
    validation = next((part for part in VALIDATION if part in parts), "validation")
    sources = {"train": "train", "validation": validation, "test": "test"}
    return {part: parts[source] for part, source in sources.items() if source in parts}


def not_loaded(name: str, error: Exception) -> str:
    """The sentence for a dataset that the library `datasets` cannot load."""
    first = (str(error).splitlines() or [""])[0]
    return f"The dataset {name!r} could not be loaded ({type(error).__name__}: {first}); check its name and its files."


def _load(name: str, config: str | None, revision: str | None) -> DatasetDict:
    try:
        if Path(name).is_dir() and (Path(name) / "dataset_dict.json").is_file():
            return load_from_disk(name)
        if (Path(name) / "state.json").is_file():
            return DatasetDict({"train": load_from_disk(name)})
        return load_dataset(name, config, revision=revision)
    except Exception as error:
        if "script" in str(error):
            raise ValueError(
                f"The dataset {name!r} is a script, which is no longer run; "
                "take revision='refs/convert/parquet' (--dataset_revision of the recipes), or a copy of data files."
            ) from error
        raise ValueError(not_loaded(name, error)) from error
