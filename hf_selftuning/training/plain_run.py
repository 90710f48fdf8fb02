"""Runs to which this package adds nothing: Trainer then trains them itself, so that they equal its own to the bit."""

from collections.abc import Sequence
from typing import Any

from transformers import TrainingArguments

from ..config import SelfTuningConfig
from ..core.method import Method
from ..core.task import Task


def config_of(args: TrainingArguments | None, methods: Sequence[Any] | None) -> SelfTuningConfig:
    """The arguments as a SelfTuningConfig. Plain ones train without methods as Trainer does: all at one rate.

    Args:
        args: what the script gave, or None.
        methods: what the script gave, or None for the default method.
    """
    args = TrainingArguments("tmp_trainer") if args is None else args
    config = SelfTuningConfig.of(args)
    if config is not args and methods is not None and not methods:
        config.head_lr_ratio = 1.0
    if config is not args:
        # A script may change its arguments later, as it may with Trainer: both objects share their values.
        args.__dict__.update(config.__dict__)
        config.__dict__ = args.__dict__
    return config


def adds_nothing(
    args: SelfTuningConfig, methods: Sequence[Method], task: Task, *, unlabeled: Any, own_loader: bool
) -> bool:
    """Whether a run is one of Trainer.

    Args:
        args: of the training.
        methods: those that train.
        task: makes the views, if the data is raw.
        unlabeled: the unlabelled dataset or None. With one, fine-tuning reads the labelled batches that the methods
            read, so that both can be compared.
        own_loader: whether the script overrides `get_train_dataloader`.
    """
    usual = (args.head_lr_ratio, args.supervised_weight, args.freeze_norms) == (1, 1, False)
    own_data = unlabeled is not None or task.changes(args.labeled_view)
    return not methods and usual and (own_loader or not own_data)
