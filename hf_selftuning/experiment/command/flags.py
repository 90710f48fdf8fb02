"""The flags of a run: its model and its budget of labels, and the parser that also reads a YAML file of flags."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NoReturn

from transformers import HfArgumentParser

from ...config import SelfTuningConfig
from .command_text import command_line
from .flag_file import known_flags_of_file
from .flag_use import obeyed_defaults, refuse_idle_flags, without_replaced, words_by_flag
from .flag_values import value_of_file
from .foreign_flags import own_flags
from .run_config import RunConfig
from .terminal import speak, usage_line


@dataclass
class BudgetArguments:
    """Which examples keep their labels, and which rows the table has."""

    label_ratio: float | None = field(
        default=None,
        metadata={
            "help": "Share of the training set that keeps its labels. By default, words and texts keep 0.15, and "
            "images keep 5 examples of each class. If you give unlabelled data of your own, all labels are kept."
        },
    )
    labels_per_class: int | None = field(
        default=None, metadata={"help": "Number of labelled examples of each class, in place of --label_ratio."}
    )
    split_seed: int = field(
        default=0,
        metadata={"help": "Seed of the split. With the same seed, a larger split contains the smaller ones."},
    )
    split_file: str | None = field(
        default=None, metadata={"help": "Path of the split.json of an earlier run; its split is used again."}
    )
    validation_share: float = field(
        default=0.0,
        metadata={
            "help": "Share of the labelled examples to hold out of training and to score instead. They replace the "
            "dev part of the data."
        },
    )
    methods: list[str] = field(
        default_factory=lambda: ["self_tuning"],
        metadata={"help": "Methods that train together: name or name:setting=value,setting=value."},
    )
    stages: list[str] | None = field(
        default=None,
        metadata={
            "help": "Stages that train one after another, in place of --methods. Each stage is tapt (language "
            "modelling on the data), fine_tuning, or methods joined by +, and may set steps= and learning_rate=. "
            "`fine_tuning*3` trains three models, which become the teachers of the stage generation. Each stage with "
            "classes begins with the pretrained weights; restart=False goes on from the model before. The model of "
            "the last stage is scored."
        },
    )
    compare_fine_tuning: bool = field(
        default=True, metadata={"help": "Also fine-tune on the labels alone, from the same weights, as a baseline."}
    )
    overwrite_output_dir: bool = field(default=False, metadata={"help": "Replace the earlier run in --output_dir."})

    @property
    def is_open(self) -> bool:
        """Whether no flag says which examples keep their labels."""
        return self.label_ratio is None and self.labels_per_class is None and self.split_file is None


@dataclass
class ModelArguments:
    """The pretrained model."""

    model_name_or_path: str | None = field(
        default=None,
        metadata={"help": "Id on the Hub, local folder, or `embedded`, the small model in the demo's packages."},
    )
    model_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the model on the Hub."}
    )
    student_name_or_path: str | None = field(
        default=None,
        metadata={"help": "Another model, such as a smaller one, for the stages that learn from a teacher."},
    )


class FlagParser(HfArgumentParser):
    """Parse flags into dataclasses; `--config file.yaml` gives defaults that flags override.

    Args:
        parts: dataclasses, a flag for each field.
        description: shown by `--help`.
        prog: name of the command; None takes that of the script.
    """

    def __init__(self, *parts: type, description: str, prog: str | None = None) -> None:
        super().__init__(parts, description=description, prog=prog)  # type: ignore[arg-type]
        self.add_argument("--config", help="YAML file of flags and their values; the command line overrides them.")
        # A field that a subclass repeats to change its default loses the help of the field it replaces.
        inherited = {field.name: field.metadata.get("help") for field in fields(SelfTuningConfig)}
        for action in self._actions:
            action.help = action.help or inherited.get(action.dest)

    def parse(self, arguments: list[str] | None = None, *, strict: bool = True) -> tuple[Any, ...]:
        """Fill the dataclasses.

        Args:
            arguments: words of a command line; None takes those of this process.
            strict: refuse flags that have no effect beside others. A comparison passes False, because it sets some
                flags itself.

        Raises:
            ValueError: the YAML file does not exist or sets what no flag takes, or a flag has no effect.
        """
        speak()
        first = ArgumentParser(add_help=False, allow_abbrev=False)
        first.add_argument("--config", nargs="?", const="", default=None)
        found, others = first.parse_known_args(sys.argv[1:] if arguments is None else arguments)
        if found.config == "":
            raise ValueError("--config needs the path of a YAML file after it.")
        words = own_flags(others, self._names)
        given = words_by_flag(words)
        if found.config is not None:
            of_file = self._read_file(Path(found.config), given)
            given = {**{name: [str(value)] for name, value in of_file.items()}, **given}
        self._set_defaults(obeyed_defaults(given, {action.dest: action.default for action in self._actions}))
        # --config belongs to no dataclass. The parser returns it in a namespace after them, which is dropped.
        parts = self.parse_args_into_dataclasses(args=words, look_for_args_file=False)[:-1]
        if strict:
            refuse_idle_flags(parts, given)
        for part in parts:
            if isinstance(part, RunConfig):
                part.given = frozenset(given)
                part.command = command_line(self.prog, sys.argv[1:] if arguments is None else arguments)
        return parts

    def error(self, message: str) -> NoReturn:
        """Print the message and how to get help, then end with status 2."""
        self.exit(2, usage_line(self.prog, message))

    def _read_file(self, path: Path, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make the flags of a YAML file defaults, but for those that the command line replaces.

        Args:
            path: of the file.
            given: the flags of the command line.

        Returns:
            the flags of the file that are in use, and their values.
        """
        of_file = without_replaced(known_flags_of_file(path, {action.dest for action in self._actions}), given)
        lists = {action.dest for action in self._actions if action.nargs == "+"}
        of_file = {name: value for name, value in of_file.items() if value is not None or name not in lists}
        actions = [action for action in self._actions if action.dest in of_file and action.nargs != 0]
        self._set_defaults({one.dest: value_of_file(path, one, of_file[one.dest]) for one in actions})
        return of_file

    @property
    def _names(self) -> set[str]:
        options = {option for action in self._actions for option in action.option_strings}
        return {option.lstrip("-").replace("-", "_") for option in options}

    def _set_defaults(self, values: Mapping[str, Any]) -> None:
        # HfArgumentParser makes two actions for a flag that is true or false, --name and --no_name; both get the value
        # as their default.
        for action in self._actions:
            if action.dest in values:
                action.default, action.required = values[action.dest], False
