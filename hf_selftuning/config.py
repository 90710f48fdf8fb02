"""SelfTuningConfig: TrainingArguments, and the arguments of semi-supervised training."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import TrainingArguments
from transformers.trainer_utils import HubStrategy

from .core.step import VIEW_KINDS


# A generated repr would show the Hub token. repr=False keeps that of TrainingArguments, which masks it.
@dataclass(repr=False)
class SelfTuningConfig(TrainingArguments):
    """All arguments of `TrainingArguments`, and those of semi-supervised training.

    Raises:
        ValueError: an argument has a value that cannot be used; the message says which value to give.
    """

    head_lr_ratio: float = field(
        default=10.0,
        metadata={
            "help": "Learning rate of the classifier and of the methods' own parts, as a multiple of learning_rate."
        },
    )
    supervised_weight: float = field(
        default=1.0,
        metadata={"help": "Weight of the cross-entropy on the labels; 0 trains with the methods alone, as in SimCLR."},
    )
    unlabeled_batch_ratio: int = field(
        default=1, metadata={"help": "Unlabelled examples in a batch for each labelled one."}
    )
    labeled_view: str = field(
        default="weak",
        metadata={
            "help": "View of labelled examples that the supervised loss sees: weak or strong.",
            "choices": list(VIEW_KINDS),
        },
    )
    audit_pseudo_labels: bool = field(
        default=False,
        metadata={
            "help": "Log how many pseudo-labels are right, if the unlabelled set has true labels. No loss uses these."
        },
    )
    safety_gate: bool = field(
        default=False,
        metadata={
            "help": "Set the weight of the unlabelled terms to 0 while the dev score is more than safety_margin below "
            "its best. Each such fall halves their weight for the rest of the training."
        },
    )
    safety_margin: float = field(
        default=2.0,
        metadata={
            "help": "Points by which the dev score may fall below its best before unlabelled data counts as harmful. "
            "If two standard errors are larger, they are used instead."
        },
    )
    feature_module: str | None = field(
        default=None,
        metadata={"help": "Path in the model of the layer that makes the logits, if the trainer does not find it."},
    )
    freeze_norms: bool = field(
        default=False,
        metadata={
            "help": "Let BatchNorm normalise with its pretrained statistics, and not with those of each small batch. "
            "Its weights still learn."
        },
    )
    channels_last: bool = field(
        default=False,
        metadata={"help": "Store the weights of convolutions channels-last, which is faster on most devices."},
    )
    hub_push_training_state: bool = field(
        default=False,
        metadata={
            "help": "Push checkpoints too, with queues, key encoder and optimizer, so that runs can resume from them."
        },
    )
    logging_nan_inf_filter: bool = field(
        default=False,
        metadata={
            "help": "Leave out broken losses from the mean in Trainer's own log. Off by default, unlike in Trainer, "
            "because a loss term that is not finite stops the training in any case, and an error names it."
        },
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_values()
        self.dataloader_pin_memory = self.dataloader_pin_memory and torch.accelerator.is_available()
        if self.hub_push_training_state and not self.pushes_checkpoints:
            self.hub_strategy = HubStrategy.CHECKPOINT
        # Queues and key encoders are already equal on all ranks. DDP would copy those of rank 0 before each step.
        if self.ddp_broadcast_buffers is None:
            self.ddp_broadcast_buffers = False

    def _check_values(self) -> None:
        """Refuse values that would not do what their names say."""
        if self.head_lr_ratio <= 0:
            raise ValueError(
                f"head_lr_ratio={self.head_lr_ratio} would not train the head; give 10, as in the paper, or 1."
            )
        if self.supervised_weight < 0:
            raise ValueError(
                f"supervised_weight={self.supervised_weight} would unlearn the labels; give 1, or 0 to leave them out."
            )
        if self.safety_margin < 0:
            raise ValueError(
                f"safety_margin={self.safety_margin} would count a best score as a fall; give 0 or more, such as 2."
            )
        if self.unlabeled_batch_ratio < 1:
            raise ValueError(
                f"unlabeled_batch_ratio={self.unlabeled_batch_ratio} takes no unlabelled example; give 1 or more, or "
                "leave unlabeled_dataset out."
            )
        if self.labeled_view not in VIEW_KINDS:
            raise ValueError(f"labeled_view={self.labeled_view!r} is unknown; take {' or '.join(VIEW_KINDS)}.")
        if self.hub_push_training_state and self.hub_strategy is HubStrategy.END:
            raise ValueError(
                "hub_push_training_state=True pushes checkpoints, and hub_strategy='end' pushes none; take "
                "hub_strategy='checkpoint'."
            )

    @property
    def pushes_checkpoints(self) -> bool:
        """Whether pushes to the Hub contain whole checkpoints, not only the model."""
        return self.hub_strategy in (HubStrategy.CHECKPOINT, HubStrategy.ALL_CHECKPOINTS)

    @property
    def n_gpu(self) -> int:
        """GPUs that a process uses: at most one.

        With several GPUs, Trainer would wrap the model in `nn.DataParallel`, whose copies do not run the hooks that
        read features.
        """
        return min(super().n_gpu, 1)

    @property
    def gpus_seen(self) -> int:
        """GPUs that Trainer would use in one process."""
        return super().n_gpu

    def __getstate__(self) -> dict[str, Any]:
        # Trainer pickles its arguments into training_args.bin, and pushes that file. The token must not be in it.
        return {**self.__dict__, "hub_token": None}

    def plain(self) -> TrainingArguments:
        """The same arguments as an object that transformers can unpickle without this package.

        The fields that this class adds stay as attributes of the object.
        """
        plain = TrainingArguments.__new__(TrainingArguments)
        plain.__dict__.update(self.__getstate__())
        return plain

    @classmethod
    def of(cls, args: TrainingArguments) -> "SelfTuningConfig":
        """The same arguments as a SelfTuningConfig, for scripts that build plain TrainingArguments.

        What a subclass of TrainingArguments adds to them stays as attributes; its methods are left out.
        """
        if isinstance(args, cls):
            return args
        known = {field.name for field in dataclasses.fields(cls)}
        values = {f.name: getattr(args, f.name) for f in dataclasses.fields(args) if f.init}
        # Plain TrainingArguments have this filter on by default. It would hide a loss that is not finite from the log.
        config = cls(
            **{name: value for name, value in values.items() if name in known} | {"logging_nan_inf_filter": False}
        )
        config.__dict__ = {**vars(args), **vars(config)}
        return config
