"""Texts of one class each, from wherever the user has them, in one form."""

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset

from ..label_names import read_label_names
from ..rows.file_text import FilePath
from .text_columns import TextColumns as TextColumns
from .text_data import TextData as TextData
from .text_data import texts_dataset
from .text_files import parts_in_one_file, read_texts_file
from .text_folders import Broken, check_tables, read_text_folder, read_unlabeled_folder
from .text_gate import data_of
from .text_hub import hub_readings
from .text_readings import TextReading
from .text_summary import TextSummary


def load_texts(
    *,
    dataset_name: str | None = None,
    dataset_config: str | None = None,
    revision: str | None = None,
    train_file: FilePath | None = None,
    validation_file: FilePath | None = None,
    test_file: FilePath | None = None,
    unlabeled_file: FilePath | None = None,
    test_share: float | None = None,
    text_column_name: str | Sequence[str] | None = None,
    label_column_name: str | None = None,
    class_names: str | Sequence[str] | None = None,
    augmented_columns: Sequence[str] = (),
    open_set_class: Sequence[str] = (),
) -> TextData:
    """Read texts and their classes from files, from folders, or from a dataset.

    Args:
        dataset_name: Hub id of a dataset, or a local folder in its layout.
        dataset_config: its configuration.
        revision: branch, tag or commit of it on the Hub.
        train_file: a table (CSV, TSV, JSON, JSON lines, Parquet), an export of an annotation tool, lines of fastText,
            or a folder with a sub-folder of text files for each class; gzip may have packed a file.
        validation_file: likewise, to score during training.
        test_file: likewise, to score once at the end.
        unlabeled_file: more texts without classes: such a table, a text in each line, or a folder of text files.
        test_share: share of each class of `train_file` to split off for testing if there is no test part. None splits
            off a fifth, or nothing if there are unlabelled texts.
        text_column_name: the column of the texts, by name or by number from 1, or two columns of pairs; None finds it.
        label_column_name: the column of the classes, likewise.
        class_names: the names of labels that are integers, or a file with them, such as a model's config.json.
        augmented_columns: columns of other wordings of the texts, such as back-translations.
        open_set_class: classes that the model does not learn: training texts of them count as unlabelled.

    Raises:
        ValueError: no source or two sources are given, or a source cannot be read; the message names file and place.
    """
    _check_sources(dataset_name, train_file)
    names = None if class_names is None else read_label_names(class_names)
    text = [text_column_name] if isinstance(text_column_name, str) else text_column_name
    columns = TextColumns(text, label_column_name, names, tuple(augmented_columns))
    place = str(dataset_name if train_file is None else train_file)
    readings = _readings(place, columns, dataset_config, revision, is_file=train_file is not None)
    _check_wordings(columns, readings, unlabeled_file)
    for part, given in (("validation", validation_file), ("test", test_file)):
        if given is not None:
            readings[part] = _scored(Path(given), part, columns)
    if unlabeled_file is not None:
        more = read_unlabeled(unlabeled_file, columns)
        readings["unlabeled"] = more
    name = Path(place).name.split(".")[0] if Path(place).exists() else place
    return data_of(
        name,
        readings,
        test_share=test_share,
        open_set_class=open_set_class,
        published=train_file is None and not Path(place).exists(),
    )


def read_unlabeled(path: FilePath, columns: TextColumns, broken: Broken | None = None) -> TextReading:
    """Texts without classes; classes in the source are not read.

    Args:
        path: of a file or a folder.
        columns: where a table keeps the texts, as far as it is known.
        broken: as for `read_unlabeled_folder`.

    Raises:
        ValueError: it cannot be read.
    """
    if Path(path).is_dir():
        return read_unlabeled_folder(Path(path), broken)
    return read_texts_file(path, columns, labeled=False)


def read_unlabeled_texts(path: FilePath, text_column_name: str | Sequence[str] | None = None) -> Dataset:
    """Read texts without classes into a column `text`, and `text_pair` for pairs; classes in the file are not read.

    Args:
        path: a table, text with an example in each line, an export of an annotation tool, or a folder of text files.
        text_column_name: the column of the texts, or the two columns of pairs; None finds it.

    Raises:
        ValueError: the file cannot be read, or it holds no text.
    """
    text = [text_column_name] if isinstance(text_column_name, str) else text_column_name
    reading = read_unlabeled(path, TextColumns(text))
    TextSummary.of("unlabeled", reading).log()
    return texts_dataset(reading, range(len(reading.texts)))


def _readings(
    place: str, columns: TextColumns, config: str | None, revision: str | None, *, is_file: bool
) -> dict[str, TextReading]:
    path = Path(place)
    if path.is_dir():
        found = read_text_folder(path)
        if found is None:
            check_tables(path)
        return hub_readings(place, columns, config, revision) if found is None else found
    if not is_file and not path.is_file():
        return hub_readings(place, columns, config, revision)
    return parts_in_one_file(path, columns) or {"train": read_texts_file(path, columns)}


def _scored(path: Path, part: str, columns: TextColumns) -> TextReading:
    """The texts of a file or a folder; of a folder that is divided into parts, those of the part."""
    if path.is_dir():
        found = read_text_folder(path)
        if found is None:
            raise ValueError(f"The folder {path} holds no folders of text files; give one for each class, or a table.")
        labeled = [name for name in found if name != "unlabeled"]
        if part not in labeled and len(labeled) > 1:
            raise ValueError(
                f"The folder {path} holds the parts {' and '.join(labeled)}, and was given as --{part}_file; give the "
                "folder of one of them."
            )
        return found.get(part, found["train"])
    return read_texts_file(path, columns)


def _check_sources(dataset_name: str | None, train_file: FilePath | None) -> None:
    if (dataset_name is None) == (train_file is None):
        raise ValueError(
            f"Texts need one source, and dataset_name={dataset_name!r} with train_file={train_file} was given; give "
            "exactly one, such as --train_file mine.csv."
        )


def _check_wordings(columns: TextColumns, readings: dict[str, TextReading], unlabeled: FilePath | None) -> None:
    """Refuse columns of other wordings that no source has; those of a further file are found when it is read."""
    if columns.augmented and unlabeled is None and not any(one.wordings for one in readings.values()):
        source = readings["train"].source
        raise ValueError(
            f"--augmented_columns {' '.join(columns.augmented)}: {source} has no such column with text in it; check "
            "the names of the columns."
        )
