"""The flags of a run on texts: its data, and the defaults of its training."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ..setup.language_run import LanguageConfig


@dataclass(frozen=True)
class TextDataArguments:
    """Where the texts come from, and how they are read."""

    dataset_name: str | None = field(
        default=None, metadata={"help": "Hub id of a dataset of data files, or a local folder in its layout."}
    )
    dataset_config_name: str | None = field(default=None, metadata={"help": "Configuration of the dataset."})
    dataset_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the dataset on the Hub."}
    )
    train_file: str | None = field(
        default=None,
        metadata={
            "help": "CSV, TSV, JSON, Parquet, an export of an annotation tool, or a folder with a sub-folder of text "
            "files for each class; .gz, too."
        },
    )
    validation_file: str | None = field(
        default=None, metadata={"help": "File in one of these formats; it is scored as dev."}
    )
    test_file: str | None = field(
        default=None, metadata={"help": "File in one of these formats; it is scored once, at the end."}
    )
    test_share: float | None = field(
        default=None,
        metadata={
            "help": "Share of each class of --train_file to test on if there is no test part. Default: 0.2, or 0 "
            "beside unlabelled texts."
        },
    )
    unlabeled_file: str | None = field(
        default=None,
        metadata={
            "help": "More texts, without classes: such a file, or one text on each line. With it and without a "
            "budget, all texts of --train_file keep their labels."
        },
    )
    text_column_name: list[str] | None = field(
        default=None,
        metadata={"help": "Column of the texts, by name or by number from 1, or two columns of pairs; else found."},
    )
    label_column_name: str | None = field(
        default=None, metadata={"help": "Column of the classes, by name or by number from 1; else it is found."}
    )
    class_names: str | None = field(
        default=None,
        metadata={"help": "Names of integer labels with commas between, or a JSON file with a list or `id2label`."},
    )
    augmented_columns: list[str] | None = field(
        default=None,
        metadata={"help": "Columns of other wordings of the texts, such as back-translations, for strong views."},
    )
    open_set_class: list[str] | None = field(
        default=None,
        metadata={"help": "Classes that are not learned: their training texts are unlabelled, others are not scored."},
    )
    max_length: int = field(
        default=128, metadata={"help": "Word pieces of a text that are read; the end of a longer one is cut off."}
    )
    mask_probability: float = field(default=0.15, metadata={"help": "Share of the words that a strong view masks."})
    cut_probability: float = field(default=0.1, metadata={"help": "Share of the words that a strong view leaves out."})
    preprocessing_num_workers: int | None = field(
        default=None, metadata={"help": "Processes that turn texts into word pieces; else one."}
    )
    curve_texts: int = field(
        default=500, metadata={"help": "Number of dev texts to score during training; all are scored at the end."}
    )

    def __post_init__(self) -> None:
        # Tuples in place of lists, so that data that are read once are found again by these flags.
        for name in ("text_column_name", "augmented_columns", "open_set_class"):
            value = getattr(self, name)
            object.__setattr__(
                self, name, None if value is None else tuple([value] if isinstance(value, str) else value)
            )


@dataclass(repr=False)
class TextConfig(LanguageConfig):
    """Training arguments, with the defaults of a run on texts."""

    integer_labels: ClassVar[str] = "labels by --class_names"

    output_dir: str | None = "runs/texts"
    per_device_train_batch_size: int = 16
    recipe: Literal["auto", "few", "standard"] = field(
        default="auto",
        metadata={
            "help": "Presets that no flag names: `few` for one or two labels a class (up to four if the classes have "
            "names), `standard` for more, `auto` to decide by the labels."
        },
    )
