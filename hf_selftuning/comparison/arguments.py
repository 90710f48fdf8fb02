"""The flags of a comparison: its own, those that it sets for each cell, and those that all cells share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import HfArgumentParser

from ..experiment.command.flag_file import flags_of_file
from ..experiment.command.flag_use import words_by_flag
from ..experiment.pretrained.model_choice import EMBEDDED
from .grid import Budget, Cell

SET_BY_US = ("seed", "split_seed", "split_file", "compare_fine_tuning", "resume_from_checkpoint")
"""Flags of a run that the comparison sets for each cell."""
WITHOUT_EFFECT = ("config", "use_cpu", "disable_tqdm", "report_to", "per_device_eval_batch_size", "output_dir",
                  "overwrite_output_dir", "dataloader_num_workers", "preprocessing_num_workers",
                  "save_strategy", "save_steps", "save_total_limit", "forecast")  # fmt: skip
"""Flags that do not change what is trained: the processes of a comparison may differ in them."""


@dataclass
class CompareArguments:
    """What is compared. A cell is one training: of one method, at one label budget, with one seed.

    All other flags are those of a run of the task, and hold for every cell.
    """

    task: str = field(metadata={"help": "Kind of data: ner, text or images.", "choices": ["ner", "text", "images"]})
    methods: list[str] = field(
        default_factory=lambda: ["fine_tuning", "self_tuning"],
        metadata={
            "help": "Rows of the table. Each is fine_tuning, a method as name:setting=value,setting=value, several "
            "methods joined by +, or stages such as 'fine_tuning*3 then generation'."
        },
    )
    others: list[str] = field(
        default_factory=list,
        metadata={
            "help": "Names of rows whose cells another program wrote into the folder. They are shown, and not trained."
        },
    )
    label_ratio: list[float] = field(
        default_factory=list, metadata={"help": "Budgets: shares of the training set that keep their labels."}
    )
    labels_per_class: list[int] = field(
        default_factory=list, metadata={"help": "Budgets: labelled examples of each class."}
    )
    seeds: list[int] = field(
        default_factory=lambda: [0, 1, 2],
        metadata={"help": "Seeds; each draws a split and seeds the trainings on it."},
    )
    output_dir: str = field(
        default="runs/compare", metadata={"help": "Folder of the comparison, which all its processes share."}
    )
    same_time: bool = field(
        default=True, metadata={"help": "Also fine-tune for as long as the most expensive method takes."}
    )
    stale_minutes: float = field(
        default=15.0,
        metadata={"help": "Minutes without a sign of life, after which another process takes over a cell."},
    )
    dry_run: bool = field(default=False, metadata={"help": "Check the flags and list the cells; train nothing."})

    def budgets(self, usual: Sequence[Budget]) -> list[Budget]:
        """The budgets that the flags name, else the usual ones of the task."""
        asked = [Budget("label_ratio", value) for value in self.label_ratio]
        asked += [Budget("labels_per_class", value) for value in self.labels_per_class]
        return asked or list(usual)


def parse_compare_flags(
    arguments: list[str] | None = None, *, description: str, prog: str | None = None
) -> tuple[CompareArguments, list[str]]:
    """The comparison's own flags, and the words of the flags that all cells share.

    Args:
        arguments: words of a command line; None takes those of this process.
        description: shown by `--help`.
        prog: name of the command; None takes that of the script.
    """
    parser = HfArgumentParser(
        CompareArguments,  # type: ignore[arg-type]
        description=description,
        prog=prog,
        allow_abbrev=False,  # else a shared flag could count as the abbreviation of one of the comparison's flags
    )
    asked, shared = parser.parse_args_into_dataclasses(
        arguments, return_remaining_strings=True, look_for_args_file=False
    )
    return asked, shared


def given_flags(arguments: Sequence[str]) -> dict[str, Any]:
    """Flags and values of a command line and of its `--config` file, all as text; the command line wins.

    Raises:
        ValueError: the comparison sets one of them for every cell.
    """
    words = {name: " ".join(values) or "True" for name, values in words_by_flag(arguments).items()}
    read = flags_of_file(Path(words["config"])) if "config" in words else {}
    merged = {**{name: str(value) for name, value in read.items()}, **words}
    ours = [name for name in (*SET_BY_US, "label_ratio", "labels_per_class", "methods") if name in merged]
    if ours:
        raise ValueError(
            f"The comparison sets --{ours[0]} for every cell; leave it out, and give the comparison --seeds, "
            "--methods, --label_ratio or --labels_per_class."
        )
    return merged


def description(task: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that all cells of a folder must share, because they change what is trained.

    A flag with the value `embedded` is left out. Without the Hub, a run without this flag takes the embedded model or
    data too, so the flag makes no difference. `check_start` later compares what was really loaded.
    """
    changing = {name: value for name, value in given.items() if name not in WITHOUT_EFFECT and value != EMBEDDED}
    return {"task": task, **changing}


def arguments_of(
    cell: Cell, root: Path, given: Mapping[str, Any], rest: Sequence[str], usual: Mapping[str, Any]
) -> list[str]:
    """The command line of a run for one cell.

    Args:
        cell: the training; it has a method, a budget and a seed.
        root: the comparison's folder.
        given: the shared flags, see `given_flags`.
        rest: the same flags as words.
        usual: flags that hold if the shared flags do not name them, such as `save_steps`, the steps between
            checkpoints, so that a killed cell can resume.
    """
    usual = {"save_strategy": "steps", "save_total_limit": 1, "disable_tqdm": True, **usual}
    ours = {
        "seed": cell.seed,
        "split_seed": cell.seed,
        cell.budget.flag: cell.budget.value,
        "output_dir": cell.folder(root),
        "overwrite_output_dir": False,
        "resume_from_checkpoint": True,
    }
    words = [*_words({name: value for name, value in usual.items() if name not in given}), *rest, *_words(ours)]
    return [str(word) for word in words]


def _words(flags: Mapping[str, Any]) -> list[str]:
    return [word for name, value in flags.items() for word in (f"--{name}", str(value))]
