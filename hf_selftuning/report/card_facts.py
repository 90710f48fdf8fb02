"""What a model card is made of: what a run knows of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.method import Method
from ..monitoring.log_history import History
from .tables import Row


@dataclass(frozen=True, kw_only=True)
class About:
    """What a run knows beside its trainer; a recipe fills it, a script may.

    Args:
        data: name of the data.
        dataset_id: its id on the Hub, where it is there.
        budget: how the labelled examples were chosen, such as `label_ratio 0.15, seed 0`.
        split_hash: of `split.json`.
        metric: of the rows, `f1` or `accuracy`.
        unit_name: what is counted, `sentences` or `images`.
        splits: what the dataset calls the parts that "dev" and "test" are; a part that was made here, of its training
            examples, is left out.
        rows: trained on the same labels, this model's last; fine-tuning among them tells the gain.
    """

    data: str | None = None
    dataset_id: str | None = None
    budget: str | None = None
    split_hash: str | None = None
    metric: str = ""
    unit_name: str = "examples"
    splits: Mapping[str, str] = field(default_factory=lambda: {"dev": "validation", "test": "test"})
    rows: Sequence[Row] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the card says.

    Args:
        name: title of the card.
        repository: how the model is loaded.
        pipeline: of transformers, such as `token-classification`.
        base_model: Hub id of what was fine-tuned, where it has one.
        classes: names of the labels.
        labeled: number of labelled examples.
        unlabeled: number of unlabelled ones; None for a stream.
        history: `state.log_history`.
        training: arguments of the training by name.
        device: what it ran on.
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
    about: About = field(default_factory=About)
