"""The facts that a model card is filled with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.method import Method
from ..monitoring.log_history import History
from .row import Row


@dataclass(frozen=True, kw_only=True)
class About:
    """Facts that a trainer cannot know by itself. Recipes set them as `trainer.about`, and a script may do so.

    Args:
        data: name of the data.
        dataset_id: id of the dataset on the Hub, if it is there.
        budget: how the labelled examples were chosen, such as `label_ratio 0.15, seed 0`.
        split_hash: hash of `split.json`.
        metric: the score of the rows, `f1` or `accuracy`.
        unit_name: what an example is, `sentences` or `images`.
        splits: names of the dataset's parts that "dev" and "test" stand for. Leave out a part that was taken from the
            training examples, because its scores cannot be compared with those of others.
        rows: models trained on the same labels, this one last. If fine-tuning is among them, the card shows the
            difference.
        scores: of further metrics, by "dev" and "test", then by name.
        decodings: the score of each decoding of a tagger, by "dev" and "test", then by its name; that of the table
            comes first.
    """

    data: str | None = None
    dataset_id: str | None = None
    budget: str | None = None
    split_hash: str | None = None
    metric: str = ""
    unit_name: str = "examples"
    splits: Mapping[str, str] = field(default_factory=lambda: {"dev": "validation", "test": "test"})
    rows: Sequence[Row] = ()
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    decodings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All facts on a model card.

    Args:
        name: title of the card.
        repository: Hub id or folder from which the model is loaded.
        pipeline: name of the pipeline of transformers, such as `token-classification`.
        base_model: Hub id of the pretrained model, if it has one.
        classes: names of the classes.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled examples; None for a stream.
        methods: the methods that trained; empty for fine-tuning.
        history: `state.log_history`.
        training: training arguments by name.
        device: number and kind of devices, such as `1 x cuda`.
        resumed_at: the step from which this training went on; 0 if it began anew.
        trained: whether this run trained the model, and did not only evaluate it.
        unused: a sentence that says why no unlabelled example was used; None if some were.
        in_grey: whether the model's folder holds the code of its image processor, which makes grey images.
        about: the facts that the trainer cannot know.
    """

    name: str
    repository: str
    pipeline: str | None
    base_model: str | None
    classes: Sequence[str]
    labeled: int
    unlabeled: int | None
    methods: Sequence[Method]
    history: History
    training: Mapping[str, Any]
    device: str
    resumed_at: int = 0
    trained: bool = True
    unused: str | None = None
    in_grey: bool = False
    about: About = field(default_factory=About)
