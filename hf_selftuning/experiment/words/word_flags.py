"""The flags of a run on words: its data, and the defaults of its training."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from ..setup.language_run import LanguageConfig


@dataclass(frozen=True)
class WordDataArguments:
    """Where the sentences come from; without a flag, CoNLL-2003."""

    dataset_name: str | None = field(
        default=None,
        metadata={"help": "Hub id of a dataset of data files, or `embedded`: CoNLL-2003 from the demo's packages."},
    )
    dataset_config_name: str | None = field(default=None, metadata={"help": "Configuration of the dataset."})
    dataset_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the dataset on the Hub."}
    )
    train_file: str | None = field(
        default=None,
        metadata={"help": "Column file (CoNLL), CSV, JSON, Parquet, or the export of an annotation tool; .gz, too."},
    )
    validation_file: str | None = field(
        default=None, metadata={"help": "File in one of these formats; it is scored as dev."}
    )
    test_file: str | None = field(
        default=None, metadata={"help": "File in one of these formats; it is scored once, at the end."}
    )
    unlabeled_file: str | None = field(
        default=None,
        metadata={
            "help": "More sentences, without tags. With it and without a budget, all sentences of --train_file keep "
            "their tags."
        },
    )
    text_column_name: str | None = field(
        default=None, metadata={"help": "Column of the words, by name or by number from 1; else it is found."}
    )
    label_column_name: str | None = field(
        default=None, metadata={"help": "Column of the tags, by name or by number from 1; else it is found."}
    )
    tag_names: str | None = field(
        default=None,
        metadata={"help": "Names of integer tags with commas between, or a JSON file with a list or `id2label`."},
    )
    sentence_ends: str | None = field(
        default=None,
        metadata={
            "help": "Words that end a sentence, such as '. ! ?', in a column file without blank lines; "
            "`none` keeps it as one sentence."
        },
    )
    max_length: int = field(
        default=128,
        metadata={"help": "Word pieces that are read at once; longer sentences are read in windows that overlap."},
    )
    preprocessing_num_workers: int | None = field(
        default=None, metadata={"help": "Processes that turn sentences into word pieces; else one."}
    )
    curve_sentences: int = field(
        default=500, metadata={"help": "Number of dev sentences to score during training; all are scored at the end."}
    )


@dataclass(repr=False)
class WordConfig(LanguageConfig):
    """Training arguments, with the defaults of a run on words."""

    integer_labels: ClassVar[str] = "tags by --tag_names"

    output_dir: str | None = "runs/ner"
    per_device_train_batch_size: int = 8
    decoding: Literal["argmax", "legal"] = field(
        default="argmax",
        metadata={
            "help": "Tags that the table shows: argmax, the most probable tag of each word, as the pipeline of "
            "transformers gives it, or legal, the most probable sequence that the scheme allows. Both are recorded.",
        },
    )
