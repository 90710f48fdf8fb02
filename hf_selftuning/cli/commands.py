"""The commands with few flags: what each does, its flags, and the module that runs it."""

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .command_parser import truth

TASKS = ("ner", "text", "images")
TEXT_COLUMN = "the column of words or texts, by name or by number from 1, or two columns of pairs"


def methods_flags(parser: ArgumentParser) -> None:
    """The names of single methods."""
    parser.add_argument("names", nargs="*", metavar="METHOD", help="show only these methods; without a name, show all")


def split_flags(parser: ArgumentParser) -> None:
    """Data and budget for a new split, or the file of an old one."""
    parser.add_argument(
        "data",
        nargs="?",
        metavar="DATA",
        help="file of tagged sentences, table of texts, folder or table of images, or `digits`",
    )
    parser.add_argument("--task", choices=TASKS, help="read the data as words, texts or images; else it is found")
    parser.add_argument(
        "--split_file", help="describe this split.json and draw none; with DATA, count its classes, too"
    )
    parser.add_argument("--label_ratio", type=float, help="share of the training set that keeps its labels")
    parser.add_argument("--labels_per_class", type=int, help="labelled examples of each class, instead of a ratio")
    parser.add_argument(
        "--split_seed", type=int, default=0, help="with one seed, a larger budget contains a smaller one (default: 0)"
    )
    parser.add_argument("--skip_broken", action="store_true", help="pass over images that cannot be opened")
    parser.add_argument("--output", default="split.json", help="file to write (default: split.json)")


def from_one(text: str) -> int:
    """The whole number in a flag's value, from 1.

    Raises:
        ArgumentTypeError: it is none, or is less.
    """
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is given where a whole number from 1 is wanted")
    return int(text)


def predict_flags(parser: ArgumentParser) -> None:
    """The model, its inputs, and how answers are written."""
    parser.add_argument("model", metavar="MODEL", help="folder of a run, folder of a model, or a Hub id")
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files of sentences or texts, as `inspect` reads them; images, or folders",
    )
    parser.add_argument(
        "--top", type=from_one, default=1, help="number of classes to show for a text or an image (default: 1)"
    )
    parser.add_argument("--batch_size", type=from_one, default=16, help="inputs in a forward pass (default: 16)")
    parser.add_argument("--device", help="such as cpu or cuda:0 (default: the first accelerator)")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line instead of a table")
    parser.add_argument(
        "--format",
        choices=("json", "conll", "doccano", "label-studio", "prodigy"),
        help="write all answers for words in this form, which the tool imports; json is --json",
    )
    parser.add_argument("--output", metavar="FILE", help="write to this file instead of the terminal")
    parser.add_argument("--text_column_name", nargs="+", help=TEXT_COLUMN)
    parser.add_argument("--sentence_ends", help="words that end a sentence if no blank line does, such as '. ! ?'")
    parser.add_argument(
        "--decoding", choices=("argmax", "legal"), default="argmax", help=f"{DECODING_HELP} (default: argmax)"
    )


def evaluate_flags(parser: ArgumentParser) -> None:
    """The model, the data, how they are read, and how the score is written."""
    parser.add_argument("model", metavar="RUN", help="folder of a run, folder of a model, or a Hub id")
    parser.add_argument(
        "data",
        nargs="?",
        metavar="DATA",
        help="file of tagged sentences, table of texts, or folder of class folders (default: the run's own)",
    )
    parser.add_argument(
        "--part", default="test", choices=("test", "dev"), help="of the run's data or of a dataset (default: test)"
    )
    for name, text in EVALUATED_DATA.items():
        many: dict[str, Any] = {"nargs": "+"} if name in ("text_column_name", "open_set_class") else {}
        parser.add_argument(f"--{name}", dest=f"data_{name}", metavar="TEXT", help=text, **many)
    parser.add_argument("--max_length", dest="data_max_length", type=int, help="word pieces of a sentence or a text")
    parser.add_argument("--image_size", dest="data_image_size", type=int, help="side of the input, in pixels")
    parser.add_argument(
        "--ten_crop", dest="data_ten_crop", action="store_true", default=None, help="test on ten crops of an image"
    )
    parser.add_argument(
        "--decoding", choices=("argmax", "legal"), help=f"{DECODING_HELP} (default: as in the run); both are printed"
    )
    parser.add_argument("--metric", nargs="+", help="further metrics: names or paths of modules of `evaluate`")
    parser.add_argument("--batch_size", type=from_one, help="inputs in a forward pass (default: as in the run)")
    parser.add_argument("--use_cpu", action="store_true", default=None, help="leave accelerators alone")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each score")


DECODING_HELP = "tags of words: argmax, the most probable of each, or legal, the most probable sequence allowed"
EVALUATED_DATA = {
    "test_file": "the same as DATA, for words and texts",
    "test_dir": "the same as DATA, for images",
    "dataset_name": "Hub id of a dataset whose part is scored",
    "dataset_config_name": "configuration of the dataset",
    "dataset_revision": "branch, tag or commit of the dataset",
    "text_column_name": "the column of words or texts, by name or by number from 1, or two columns of pairs",
    "label_column_name": "the column of tags or classes, by name or by number from 1",
    "class_names": "names of integer labels with commas between, or a JSON file that holds them",
    "open_set_class": "classes of texts that the model does not know and that are not scored",
    "tag_names": "names of integer tags with commas between, or a JSON file that holds them",
    "sentence_ends": "words that end a sentence if no blank line does, such as '. ! ?'",
}


def inspect_flags(parser: ArgumentParser) -> None:
    """The data, where its examples and labels stand, and a model whose length counts."""
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a file of sentences or texts, a folder or a table of images, or a dataset's folder or Hub id",
    )
    parser.add_argument("--task", choices=TASKS, help="read the data as words, texts or images; else it is found")
    parser.add_argument("--validation_file", help="a second file, read as the dev part of a run")
    parser.add_argument("--test_file", help="a third file, read as the test part of a run")
    parser.add_argument("--unlabeled_file", help="a file of sentences without tags, or of texts without classes")
    parser.add_argument("--dataset_config_name", help="configuration of the dataset")
    parser.add_argument("--text_column_name", nargs="+", help=TEXT_COLUMN)
    parser.add_argument("--label_column_name", help="the column of tags or classes, by name or by number from 1")
    parser.add_argument("--test_dir", help="a folder of classes, or a table, read as the test part of a run")
    parser.add_argument("--unlabeled_dir", help="a folder of images without classes")
    parser.add_argument("--image_column_name", help="the column of images or their paths in a table")
    parser.add_argument("--class_names", help="names of integer labels, or a JSON file that holds them")
    parser.add_argument("--tag_names", nargs="+", help="names of integer tags, or a JSON file that holds them")
    parser.add_argument("--sentence_ends", help="words that end a sentence if no blank line does, such as '. ! ?'")
    parser.add_argument("--augmented_columns", nargs="+", help="columns of other wordings of the texts")
    parser.add_argument("--open_set_class", nargs="+", help="classes of texts that are not learned")
    parser.add_argument(
        "--model_name_or_path",
        help="the model whose length counts, and whose features the forecast reads (default: as in `train`)",
    )
    parser.add_argument("--max_length", type=int, help="word pieces that are read (default: as in a run)")
    forecast_flags(parser)


def forecast_flags(parser: ArgumentParser) -> None:
    """What is foretold of a run, and for which budget of labels."""
    parser.add_argument(
        "--forecast",
        nargs="?",
        const=True,
        type=truth,
        metavar="BOOL",
        help="read examples by the pretrained model, and print what is known before a run trains it; data that allow "
        "no forecast are an error only if the flag asks for one (default: True)",
    )
    parser.add_argument(
        "--no_forecast", "--no-forecast", dest="forecast", action="store_false", default=None, help=SUPPRESS
    )
    parser.add_argument("--label_ratio", type=float, help="share of the labels that the forecast uses, as in `train`")
    parser.add_argument("--labels_per_class", type=int, help="labelled examples a class, instead of a ratio")
    parser.add_argument("--split_seed", type=int, default=0, help="seed of the split of the forecast (default: 0)")
    parser.add_argument("--image_size", type=int, help="side of the images in the forecast, in pixels")


def report_flags(parser: ArgumentParser) -> None:
    """The runs, and the file of the page."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder of a run; several are set side by side")
    parser.add_argument(
        "--output", metavar="FILE", help="file of the page (default: report.html, in the folder of a single run)"
    )


@dataclass(frozen=True)
class Command:
    """A command of `hf-selftuning`.

    Args:
        module: module of this package whose `run` takes the parsed flags; it is imported when the command runs.
        sentence: what the command does.
        add_flags: adds its flags to a parser; None if it has none.
    """

    module: str
    sentence: str
    add_flags: Callable[[ArgumentParser], None] | None = None


SMALL_COMMANDS = {
    "methods": Command("list_methods", "List the methods: their papers, settings and defaults.", methods_flags),
    "split": Command("split", "Choose which examples keep their labels, or describe such a split.", split_flags),
    "inspect": Command(
        "inspect_data", "Read data as a run would; print what was read, what looks odd, and a forecast.", inspect_flags
    ),
    "evaluate": Command(
        "evaluate_run",
        "Score a trained model on its run's data or on yours; a score that the run lacks is added to it.",
        evaluate_flags,
    ),
    "report": Command("show_report", "Make the page of a run again, or set runs side by side.", report_flags),
    "predict": Command("predict", "Tag sentences, or classify texts or images, with a trained model.", predict_flags),
    "doctor": Command("doctor", "Check what is installed, which devices there are, and whether the Hub answers."),
}
