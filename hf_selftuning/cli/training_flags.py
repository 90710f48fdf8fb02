"""The flags of `train ner`, `train text`, `train images` and `compare`, in the groups that help shows."""

import dataclasses
import re
from collections.abc import Sequence
from itertools import pairwise

from .command_parser import FlagGroup
from .flag import Flag, flags_of
from .source import PACKAGE

FLAGS = f"{PACKAGE}.experiment.command.flags"
IN_SHORT = "Shortened; the documentation of transformers.TrainingArguments says more."
CONFIG = Flag(
    name="config",
    help="YAML file of flags and their values; the command line overrides them.",
    default=None,
    kind=str,
    nargs=None,
    choices=None,
    required=False,
    module=FLAGS,
)
"""The one flag that is no field of a dataclass."""


@dataclasses.dataclass(frozen=True)
class TrainingTask:
    """A kind of data that `train` knows.

    Args:
        module: module with the dataclasses of its flags, and the function that trains.
        run: name of that function, which takes the words of a command line.
        word: first word in the names of these dataclasses, such as `Word` in `WordConfig`.
        description: what the command does, for its help.
    """

    module: str
    run: str
    word: str
    description: str

    def groups(self, _: Sequence[str] = ()) -> list[FlagGroup]:
        """All flags. Training flags that this library adds, or whose default it changes, come before the others."""
        training = flags_of(self.module, f"{self.word}Config")
        ours = [flag for flag in training if flag.module.startswith(PACKAGE)]
        theirs = [_short(flag) for flag in training if not flag.module.startswith(PACKAGE)]
        return [
            FlagGroup("data", flags_of(self.module, f"{self.word}DataArguments")),
            FlagGroup("model", flags_of(FLAGS, "ModelArguments")),
            FlagGroup("labels and methods", [*flags_of(FLAGS, "BudgetArguments"), CONFIG]),
            FlagGroup("training", ours),
            FlagGroup("other training flags, of transformers", theirs, IN_SHORT),
        ]


TASKS = {
    "ner": TrainingTask(
        f"{PACKAGE}.experiment.words.word_setup",
        "train_words",
        "Word",
        """Find named entities (or other tags of words) from few labels.

  hf-selftuning train ner --train_file mine.csv --unlabeled_file more.txt
  hf-selftuning train ner --methods self_tuning fixmatch:threshold=0.9

It trains with the methods and, by default, also without them, to compare both.
""",
    ),
    "text": TrainingTask(
        f"{PACKAGE}.experiment.texts.text_setup",
        "train_texts",
        "Text",
        """Classify texts from few labels.

  hf-selftuning train text --train_file mine.csv --unlabeled_file more.txt
  hf-selftuning train text --train_file mine.csv --labels_per_class 8

It trains with the methods and, by default, also without them, to compare both.
""",
    ),
    "images": TrainingTask(
        f"{PACKAGE}.experiment.images.image_setup",
        "train_images",
        "Image",
        """Classify images from few labels.

  hf-selftuning train images --data_dir birds --unlabeled_dir more
  hf-selftuning train images --dataset_name digits --labels_per_class 5

It trains with the methods and, by default, also without them, to compare both.
""",
    ),
}


def comparison_groups(arguments: Sequence[str]) -> list[FlagGroup]:
    """The flags of `hf-selftuning compare`; with `--task`, also those of the task, which hold for every cell."""
    own = flags_of(f"{PACKAGE}.comparison.arguments", "CompareArguments")
    names = {flag.name for flag in own}
    words = [part for word in arguments for part in word.split("=", 1)]
    task = dict(pairwise(words)).get("--task")
    shared = TASKS[task].groups() if task in TASKS else []
    return [FlagGroup("comparison", own), *(_without(group, names) for group in shared)]


def _without(group: FlagGroup, names: set[str]) -> FlagGroup:
    return dataclasses.replace(group, flags=[flag for flag in group.flags if flag.name not in names])


def _short(flag: Flag) -> Flag:
    """The flag with only the first sentence of its help."""
    return dataclasses.replace(flag, help=re.split(r"(?<=[.!?])\s", flag.help)[0])
