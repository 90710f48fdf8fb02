"""What a kind of data, words, texts or images, provides for a run, and the facts that reports show."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from datasets import Dataset

from ...metrics import Counts, Metric
from ...training.trainer import SelfTuningTrainer
from ..command.flags import BudgetArguments, ModelArguments
from ..command.run_config import RunConfig
from ..pretrained.model_choice import Pretrained
from ..stages.stage_training import StageSetup
from ..stages.usual import Usual
from .page_view import PageView
from .parts import Parts


class Setup(StageSetup, Protocol):
    """Data, split and model of one run; it builds every row's trainer from the same start.

    Args:
        flags: dataclasses of the flags: model, data, budget, training.
        usual: what methods take where the flags name nothing; a run may know better than its class.
        metric: `f1` or `accuracy`.
        unit_name: `sentences`, `texts` or `images`.
        config: the training arguments.
        folder: the run's folder.
        data_flags: the flags of the data.
        data: all parts of the data set, and its name.
        dataset_id: the data set's Hub id; None for data that are not from the Hub.
        published: the data set's own names of `dev` and `test`, for those that were published with it.
        class_names: names of the model's classes, or tags, by index.
        metrics: further metrics that the flags name.
        pretrained: the model that is fine-tuned.
        parts: the examples that train and that are scored.
        facts: further facts of the run for its reports.
        notes: sentences that a run prints before it trains.
    """

    flags: ClassVar[tuple[type, ...]]
    usual: Usual
    metric: ClassVar[str]
    unit_name: ClassVar[str]
    config: RunConfig
    folder: Path
    data_flags: Any
    data: Any
    dataset_id: str | None
    published: dict[str, str]
    class_names: list[str]
    metrics: list[Metric]
    pretrained: Pretrained
    parts: Parts
    facts: dict[str, Any]
    notes: tuple[str, ...]

    @classmethod
    def from_flags(cls, model: ModelArguments, source: Any, budget: BudgetArguments, config: Any) -> Self:
        """Read the data, draw the split and load what all rows share."""

    def predict(self, trainer: SelfTuningTrainer, part: Dataset) -> dict[str, Any]:
        """The answers of the trained model to each example of a part: lists of tags, or class indices.

        Words have answers for each decoding by its name, and those of the run's own decoding come first. Texts
        and images have one entry.
        """

    def expected(self, part: Dataset) -> Any:
        """The true answers, in the same form."""

    def count(self, predicted: Any, part: Dataset) -> Counts:
        """The counts of each example of a part."""

    def page_view(self) -> PageView:
        """How the page of the run shows its data."""

    def answers(self, predicted: Any, part: Dataset) -> Iterator[dict[str, Any]]:
        """Each example with its answer, for the file of predictions."""


def describe(setup: Setup) -> dict[str, Any]:
    """Data, model and split of a run, for its report."""
    split = setup.parts.split
    return {
        "data": setup.data.name,
        "model": setup.pretrained.title,
        "split_hash": split.hash,
        "split_seed": split.seed,
        "label_ratio": split.label_ratio,
        "labels_per_class": split.labels_per_class,
        "held_out": len(split.labeled) - len(setup.parts.labeled),
        "learning_rate": setup.config.learning_rate,
        "batch_size": setup.config.train_batch_size,
    }


def sizes(setup: Setup) -> dict[str, int]:
    """How many labelled and unlabelled examples train."""
    return {"labeled": len(setup.parts.labeled), "unlabeled": len(setup.parts.unlabeled or ())}
