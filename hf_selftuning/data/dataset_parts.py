"""The parts of a dataset of the Hub, or of a local folder in its layout: training, validation and test."""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, List, Value, load_dataset, load_dataset_builder, load_from_disk
from datasets.exceptions import DataFilesNotFoundError

from .hub import require_hub
from .rows.file_text import read_text, suffix_of
from .rows.json_rows import json_rows
from .rows.plain_text import counted, listed
from .rows.table_rows import TABLES

logger = logging.getLogger(__name__)

JSON = (".json", ".jsonl", ".ndjson")
DESCRIPTIONS = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")
ABOUT = re.compile(r"(readme|licen[cs]e|citation|changelog)\b", re.IGNORECASE)
"""How the names of files begin that are about the data."""
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
    _check_saved(name)
    _check_rows(name)
    parts = _load(name, config, revision)
    _check_features(name, parts)
    found = next((part for part in UNLABELED if part in parts and unlabeled), None)
    chosen = chosen_parts(name, parts, also=[found])
    return {**chosen, "unlabeled": parts[found]} if found else chosen


def chosen_parts(name: str, parts: Mapping[str, Any], also: Iterable[str | None] = ()) -> dict[str, Any]:
    """Parts by our names; a warning names those that are not read.

    Args:
        name: of the dataset.
        parts: by its names.
        also: those that the caller reads besides.

    Raises:
        ValueError: there is none for training.
    """
    if "train" not in parts:
        raise ValueError(f"The dataset {name!r} has the parts {sorted(parts)}; give one that has 'train'.")
    validation = next((part for part in VALIDATION if part in parts), "validation")
    sources = {"train": "train", "validation": validation, "test": "test"}
    rest = [str(part) for part in parts if part not in (*sources.values(), *also)]
    if rest:
        logger.warning("%s: not read, as they are no train, validation or test part: %s.", name, ", ".join(rest))
    return {part: parts[source] for part, source in sources.items() if source in parts}


def tell_unread(folder: str, parts: Mapping[Any, Iterable[str]], suffixes: Sequence[str] = TABLES) -> None:
    """Warn of the data files in a folder that belong to no part, such as `sample_submission.csv` beside `train.csv`.

    Args:
        folder: of the dataset.
        parts: the files of each part.
        suffixes: of data files.
    """
    read = {Path(path).resolve() for paths in parts.values() for path in paths}
    rest = [
        path.name
        for path in sorted(Path(folder).rglob("*"))
        if suffix_of(path) in suffixes and path.name not in DESCRIPTIONS and path.resolve() not in read
        and not ABOUT.match(path.name)
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    ]  # fmt: skip
    if rest:
        logger.warning("%s: %s of no part not read: %s.", folder, counted(len(rest), "data file"), listed(rest))


def not_loaded(name: str, error: Exception) -> str:
    """The sentence for a dataset that the library `datasets` cannot load."""
    cause = error.__cause__ or error
    # The one sentence or the other, by the release of the library.
    if "column names don't match" in str(cause) or "must have the same columns" in str(error):
        return (
            f"The dataset {name!r} could not be loaded, because its files have different columns; give each part by "
            "itself, as --train_file, --validation_file or --test_file."
        )
    if isinstance(error, DataFilesNotFoundError) and Path(name).is_dir():
        files = sorted(path.name for path in Path(name).rglob("*") if path.is_file())
        return (
            f"The folder {name} holds no data file of a kind that is told by its name ({listed(files)}); give one by "
            "--train_file, and others by --validation_file and --test_file."
        )
    several = re.search(r"available configs: \[(.*)\]", str(error))
    if several:
        return (
            f"The dataset {name!r} has several configurations ({several[1]}); name one by --dataset_config_name (in a "
            "script: dataset_config=...)."
        )
    first = (str(error).splitlines() or [""])[0]
    return f"The dataset {name!r} could not be loaded ({type(error).__name__}: {first}); check its name and its files."


def _check_saved(name: str) -> None:
    """Refuse a saved dataset with a part without rows, which the library `datasets` saves and cannot load."""
    saved = sorted(Path(name).glob("*/state.json")) if (Path(name) / "dataset_dict.json").is_file() else []
    empty = [path.parent.name for path in saved if _state(name, path).get("_data_files") == []]
    if empty:
        raise ValueError(
            f"In the dataset {name!r} the part {empty[0]!r} has no rows, so that it cannot be loaded; save it without "
            "that part."
        )


def _check_rows(name: str) -> None:
    """Refuse rows of JSON that are `null`, on which the JSON reader of PyArrow ends the process."""
    for path in sorted(Path(name).rglob("*.*")) if Path(name).is_dir() else []:
        if suffix_of(path) in JSON and path.name not in DESCRIPTIONS and path.is_file() and _holds_null(path):
            raise ValueError(f"{path}: a row is null; write an object for it, or take the row out.")


def _holds_null(path: Path) -> bool:
    try:
        return any(row is None for _, row in json_rows(read_text(path), path, []))
    except ValueError:
        return False  # whoever reads the file says what is wrong


def _state(name: str, path: Path) -> Mapping[str, Any]:
    """What a part of a saved dataset says of itself."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(not_loaded(name, error)) from error
    return found if isinstance(found, Mapping) else {}


def _check_features(name: str, parts: DatasetDict) -> None:
    """Refuse data of sound, video or PDF files alone, which need programs of their own to be opened."""
    features = next(iter(parts.values())).features if parts else {}
    unread = [key for key, feature in features.items() if type(feature).__name__ in ("Audio", "Pdf", "Video")]
    text = any(isinstance(feature, List) or feature == Value("string") for feature in features.values())
    if unread and not text:
        kind = type(features[unread[0]]).__name__
        raise ValueError(
            f"The dataset {name!r} holds files of the kind {kind}, and words, texts and images are read; export their "
            "text, or save them as images."
        )


def _load(name: str, config: str | None, revision: str | None) -> DatasetDict:
    try:
        if Path(name).is_dir() and (Path(name) / "dataset_dict.json").is_file():
            return load_from_disk(name)
        if (Path(name) / "state.json").is_file():
            return DatasetDict({"train": load_from_disk(name)})
        if Path(name).is_dir():
            tell_unread(name, load_dataset_builder(name, config).config.data_files or {})
        return load_dataset(name, config, revision=revision)
    except Exception as error:
        if "script" in str(error):
            raise ValueError(
                f"The dataset {name!r} is a script, which is no longer run; "
                "take revision='refs/convert/parquet' (--dataset_revision of the recipes), or a copy of data files."
            ) from error
        raise ValueError(not_loaded(name, error)) from error
