"""Command line of the recipes: flags, and a YAML file of flags."""

import logging
import os
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml
from transformers import HfArgumentParser

from ..config import SelfTuningConfig


@dataclass
class BudgetArguments:
    """Which examples keep their labels, and what is compared."""

    label_ratio: float | None = field(
        default=None,
        metadata={
            "help": "Share of the training set that keeps its labels. Without a budget 0.15 for words and 5 a class "
            "for images; all, where unlabelled data of your own stand beside your labelled ones."
        },
    )
    labels_per_class: int | None = field(
        default=None, metadata={"help": "Labelled examples a class, in place of a ratio."}
    )
    split_seed: int = field(default=0, metadata={"help": "Seed of the split; budgets of one seed are nested."})
    split_file: str | None = field(
        default=None, metadata={"help": "Read the split from a split.json of a former run."}
    )
    validation_share: float = field(
        default=0.0,
        metadata={
            "help": "Share of the labelled examples held out of training, as dev in place of the data's own dev part."
        },
    )
    methods: list[str] = field(
        default_factory=lambda: ["self_tuning"],
        metadata={"help": "Methods that train together: name or name:setting=value,setting=value."},
    )
    stages: list[str] | None = field(
        default=None,
        metadata={
            "help": "Runs one after another, in place of --methods; each is tapt, fine_tuning, or methods joined by "
            "+, and takes steps= and learning_rate= besides. The last one is scored."
        },
    )
    compare_fine_tuning: bool = field(
        default=True, metadata={"help": "Also fine-tune on the labels alone, from the same start, for the table."}
    )
    overwrite_output_dir: bool = field(default=False, metadata={"help": "Write over what another run left there."})

    @property
    def is_open(self) -> bool:
        """Whether no flag says which examples keep their labels."""
        return self.label_ratio is None and self.labels_per_class is None and self.split_file is None


@dataclass
class ModelArguments:
    """The pretrained model."""

    model_name_or_path: str | None = field(
        default=None,
        metadata={"help": "Hub id, local folder, or `embedded`: the small one that a package of the demo carries."},
    )
    model_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the model on the Hub."}
    )
    student_name_or_path: str | None = field(
        default=None, metadata={"help": "Another, smaller model for the stages that a teacher teaches."}
    )


class Parser(HfArgumentParser):
    """Flags of several dataclasses; `--config file.yaml` gives defaults that flags override."""

    def __init__(self, *parts: type, description: str) -> None:
        super().__init__(parts, description=description)  # type: ignore[arg-type]
        self.add_argument("--config", help="YAML file of flags and their values; flags of the command line win.")
        # A field that only changes the default has lost the sentence of the one it replaces.
        inherited = {field.name: field.metadata.get("help") for field in fields(SelfTuningConfig)}
        for action in self._actions:
            action.help = action.help or inherited.get(action.dest)

    def parse(self, arguments: list[str] | None = None) -> tuple[Any, ...]:
        """The filled dataclasses.

        Raises:
            ValueError: the file is not there, or names a flag that does not exist.
        """
        speak()
        first = ArgumentParser(add_help=False, allow_abbrev=False)
        first.add_argument("--config", nargs="?", const="", default=None)
        found, others = first.parse_known_args(sys.argv[1:] if arguments is None else arguments)
        if found.config == "":
            raise ValueError("--config needs the path of a YAML file behind it.")
        if found.config is not None:
            self._take_defaults(Path(found.config))
        # The namespace of --config comes last.
        return self.parse_args_into_dataclasses(args=others, look_for_args_file=False)[:-1]

    def _take_defaults(self, path: Path) -> None:
        values = flags_of_file(path)
        unknown = sorted(map(str, set(values) - {action.dest for action in self._actions}))
        if unknown:
            raise ValueError(f"{path} sets {', '.join(unknown)}, which is no flag; --help lists them.")
        # A flag that may be true or false has two actions, --name and --no_name.
        for action in self._actions:
            if action.dest in values:
                value = values[action.dest]
                several = action.nargs == "+" and not isinstance(value, list)
                action.default, action.required = [value] if several else value, False


def flags_of_file(path: Path) -> dict[str, Any]:
    """The flags of a YAML file and their values."""
    if not path.is_file():
        raise ValueError(f"The configuration file {path} does not exist; give the path of a YAML file of flags.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not YAML ({error}); write a line `flag: value` for each flag.") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path} holds a {type(values).__name__}; write a line `flag: value` for each flag.")
    return values


def speak() -> None:
    """Let what the library has to say (the scheme of a file's tags, a dropped column) appear on the terminal."""
    log = logging.getLogger("hf_selftuning")
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)


def say(text: str, *, loudly: bool = False) -> None:
    """Print once, however many processes were launched; loudly is to the error stream."""
    if os.environ.get("RANK", "0") == "0":
        print(text, file=sys.stderr if loudly else sys.stdout, flush=True)


def settings_table(rows: dict[str, Any]) -> str:
    """What will happen, a line each, for the head of the log."""
    width = max(map(len, rows))
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items())
