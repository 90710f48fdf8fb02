"""The training arguments of a run from flags: what it does, and its metrics."""

from dataclasses import dataclass, field
from typing import ClassVar

from ...config import SelfTuningConfig


@dataclass(repr=False)
class RunConfig(SelfTuningConfig):
    """Training arguments, with the three flags that say what a run does, as in the scripts of transformers."""

    do_train: bool = field(
        default=False,
        metadata={
            "help": "Train. Without --do_train, --do_eval and --do_predict, a run trains, and scores dev and test."
        },
    )
    do_eval: bool = field(
        default=False, metadata={"help": "Score dev; without --do_train, the given model is scored and not trained."}
    )
    do_predict: bool = field(
        default=False, metadata={"help": "Score test, and write the answers to test_predictions.jsonl."}
    )
    metric: list[str] | None = field(
        default=None,
        metadata={"help": "Further metrics: names of `evaluate` modules on the Hub, or paths of such modules."},
    )

    forecast: bool = field(
        default=True,
        metadata={
            "help": "Before training, print what frozen features of the pretrained model tell of the data, in less "
            "than a minute."
        },
    )
    report: bool = field(
        default=True,
        metadata={"help": "Write report.html, a page that shows scores, curves and pseudo-labels of the run."},
    )

    command: ClassVar[str] = ""
    """The command line of the run, without tokens; the parser sets it."""
    given: ClassVar[frozenset[str]] = frozenset()
    """Names of the flags that the user gave; the parser sets it for a run."""

    def __post_init__(self) -> None:
        # TrainingArguments sets do_eval where eval_strategy is not "no", so that nobody could see what was asked for.
        asked = self.do_eval
        super().__post_init__()
        self.do_eval = asked

    @property
    def trains(self) -> bool:
        """Whether the run trains; else it scores the given model."""
        return self.do_train or not (self.do_eval or self.do_predict)

    def scores(self, part: str) -> bool:
        """Whether the run scores `dev` or `test`."""
        asked = {"dev": self.do_eval, "test": self.do_predict}
        return asked[part] or not (self.do_train or any(asked.values()))
