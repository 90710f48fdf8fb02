"""Command line of the recipes: flags, a YAML file of flags, and the question whose folder this is."""

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from transformers import HfArgumentParser


@dataclass
class BudgetArguments:
    """Which examples keep their labels, and what is compared."""

    label_ratio: float | None = field(
        default=None, metadata={"help": "Share of the training set that keeps its labels."}
    )
    labels_per_class: int | None = field(
        default=None, metadata={"help": "Labelled examples a class, in place of a ratio."}
    )
    split_seed: int = field(default=0, metadata={"help": "Seed of the split; budgets of one seed are nested."})
    split_file: str | None = field(
        default=None, metadata={"help": "Read the split from a split.json of a former run."}
    )
    methods: list[str] = field(
        default_factory=lambda: ["self_tuning"],
        metadata={"help": "Methods that train together: name or name:setting=value,setting=value."},
    )
    compare_fine_tuning: bool = field(
        default=True, metadata={"help": "Also fine-tune on the labels alone, from the same start, for the table."}
    )
    overwrite_output_dir: bool = field(default=False, metadata={"help": "Write over what another run left there."})


@dataclass
class ModelArguments:
    """The pretrained model."""

    model_name_or_path: str | None = field(default=None, metadata={"help": "Hub id or local folder."})
    model_revision: str | None = field(
        default=None, metadata={"help": "Branch, tag or commit of the model on the Hub."}
    )


class Parser(HfArgumentParser):
    """Flags of several dataclasses; `--config file.yaml` gives defaults that flags override."""

    def __init__(self, *parts: type, description: str) -> None:
        super().__init__(parts, description=description)  # type: ignore[arg-type]

    def parse(self, arguments: list[str] | None = None) -> tuple[Any, ...]:
        """The filled dataclasses.

        Raises:
            ValueError: the file is not there, or names a flag that does not exist.
        """
        speak()
        arguments = list(sys.argv[1:] if arguments is None else arguments)
        if "--config" in arguments:
            place = arguments.index("--config")
            if place + 1 == len(arguments):
                raise ValueError("--config needs the path of a YAML file behind it.")
            self._take_defaults(Path(arguments[place + 1]))
            del arguments[place : place + 2]
        return self.parse_args_into_dataclasses(args=arguments, look_for_args_file=False)

    def _take_defaults(self, path: Path) -> None:
        if not path.is_file():
            raise ValueError(f"The configuration file {path} does not exist; give the path of a YAML file of flags.")
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        actions = {action.dest: action for action in self._actions}
        unknown = sorted(set(values) - set(actions))
        if unknown:
            raise ValueError(f"{path} sets {', '.join(unknown)}, which is no flag; --help lists them.")
        for name, value in values.items():
            actions[name].default, actions[name].required = value, False


def speak() -> None:
    """Let what the library has to say (the scheme of a file's tags, a dropped column) appear on the terminal."""
    log = logging.getLogger("hf_selftuning")
    if not log.handlers:
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)


def claim_folder(output_dir: str, *, overwrite: bool, resuming: bool) -> Path:
    """Make the output folder, unless another run's results or checkpoints are in it.

    Raises:
        ValueError: it holds another run.
    """
    folder = Path(output_dir)
    found = sorted([*folder.glob("results.json"), *folder.glob("**/checkpoint-*")])
    if found and not (overwrite or resuming):
        raise ValueError(
            f"{folder} holds another run ({found[0].relative_to(folder)}); give another --output_dir, go on with "
            "--resume_from_checkpoint True, or replace it with --overwrite_output_dir True."
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def settings_table(rows: dict[str, Any]) -> str:
    """What will happen, a line each, for the head of the log."""
    width = max(map(len, rows))
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items())
