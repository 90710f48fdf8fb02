"""`hf-selftuning`: train, compare and predict; list the methods."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..experiment.command.command_end import ended, without_debug
from .command_parser import CommandParser
from .commands import SMALL_COMMANDS
from .training_flags import TASKS, comparison_groups

TRAIN = """Fine-tune on few labels, with methods that also learn from unlabelled data.

  hf-selftuning train ner --train_file mine.csv --unlabeled_file more.txt
  hf-selftuning train text --train_file intents.csv --labels_per_class 8
  hf-selftuning train images --data_dir birds --labels_per_class 5
  accelerate launch -m hf_selftuning.cli train ner --label_ratio 0.15
"""
COMPARE = """Train every method with every label budget and seed, and write one table.

  hf-selftuning compare --task ner --methods fine_tuning self_tuning

Start it again to continue it. Start it several times, on machines that share
the folder, to finish sooner. Every flag of `hf-selftuning train TASK` may be
added and holds for all trainings; `hf-selftuning compare --task TASK --help`
lists them.
"""


def parser() -> CommandParser:
    """All sub-commands and their flags."""
    made = CommandParser(prog="hf-selftuning", description=__doc__)
    made.add_argument(
        "--debug", action="store_true", help="show the traceback of an error; it may also stand after COMMAND"
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_train(commands)
    compare = add(commands, "compare", COMPARE, groups=comparison_groups, joined=("methods", "stages"))
    compare.set_defaults(run=run_compare)
    for name, command in SMALL_COMMANDS.items():
        small = add(commands, name, command.sentence)
        small.set_defaults(run=run_small)
        if command.add_flags is not None:
            command.add_flags(small)
    return made


def add_train(commands: Any) -> None:
    """`train`, with a sub-command for each kind of data."""
    tasks = add(commands, "train", TRAIN).add_subparsers(dest="task", required=True, metavar="TASK")
    for name, task in TASKS.items():
        add(tasks, name, task.description, groups=task.groups, joined=("stages",)).set_defaults(run=run_train)


def add(commands: Any, name: str, description: str, **given: Any) -> CommandParser:
    """A sub-command; the list of commands shows the first line of its description."""
    return commands.add_parser(name, help=description.partition("\n")[0], description=description, **given)


def run_train(given: argparse.Namespace) -> int:
    """Train on the words, texts or images that the flags name; what takes seconds to import is imported here."""
    task = TASKS[given.task]
    getattr(import_module(task.module), task.run)(given.arguments)
    return 0


def run_compare(given: argparse.Namespace) -> int:
    """Train all cells of a comparison."""
    from ..comparison.run_grid import compare  # it imports torch and transformers, which takes seconds

    compare(given.arguments)
    return 0


def run_small(given: argparse.Namespace) -> int:
    """Run a command with few flags."""
    return import_module(f".{SMALL_COMMANDS[given.command].module}", __package__).run(given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command, and return its status. An error is printed to stderr as a sentence."""
    words, debug = without_debug(sys.argv[1:] if arguments is None else arguments)
    given = parser().parse_args(words)
    return ended(lambda: given.run(given), name=f"hf-selftuning {given.command}", debug=debug)


if __name__ == "__main__":
    raise SystemExit(main())
