"""What the trainer refuses before it starts, each in a sentence that says the way out."""

import logging
from collections.abc import Mapping, Sequence, Sized
from typing import Any

import datasets
from torch import nn
from torch.utils.data import IterableDataset
from transformers.trainer_utils import HubStrategy

from ..config import SelfTuningConfig
from ..core.method import Method
from ..core.task import LABEL_COLUMNS, Task
from ..streams.unlabeled_stream import comes_by_chance

logger = logging.getLogger(__name__)


def check_sharding(*plans: Any) -> None:
    """Refuse a model that is to be cut over processes; a plan is empty, false or None where nothing is asked."""
    if any(plans):
        raise ValueError(
            "SelfTuningTrainer does not shard models: fsdp, deepspeed or a parallelism_config was asked for; launch "
            "with DDP (accelerate launch --multi_gpu), or shrink the model with LoRA, gradient_checkpointing or bf16."
        )


def check_arguments(args: SelfTuningConfig) -> None:
    """Refuse launches and options under which two streams would not train as they should."""
    check_sharding(args.fsdp, args.deepspeed, args.parallelism_config)
    if getattr(args.accelerator_config, "dispatch_batches", False):
        raise ValueError(
            "dispatch_batches=True would cut unlabelled batches short; leave it out, every rank reads its own batches."
        )
    if args.train_sampling_strategy not in ("random", "group_by_length"):
        raise ValueError(
            f"train_sampling_strategy={args.train_sampling_strategy!r} orders one stream, and there are two; "
            "use random or group_by_length."
        )
    if args.gpus_seen > 1:
        logger.warning(
            "One process sees %d GPUs and uses the first; start one process a GPU with `accelerate launch`.",
            args.gpus_seen,
        )
    if args.dataloader_num_workers > 1 and not args.dataloader_in_order:
        logger.warning(
            "dataloader_in_order=False lets a batch overtake another, so that a resumed run is not exact; leave it "
            "out to resume exactly."
        )


def check_given(model: Any, task: Any) -> None:
    """Refuse a name where an object is wanted."""
    if isinstance(model, str):
        raise ValueError(
            f"model={model!r} is a name; load it first: AutoModelForTokenClassification.from_pretrained({model!r}, "
            "num_labels=...), or AutoModelForImageClassification."
        )
    if task is not None and not isinstance(task, Task):
        raise ValueError(
            f"task={task!r} is no Task; leave it out, or give TokenClassification() or "
            "ImageClassification(weak, strong)."
        )


def check_model(num_labels: int) -> None:
    """Refuse a classifier of one class."""
    if num_labels < 2:
        raise ValueError(
            f"The model has num_labels={num_labels}, and there is nothing to tell apart; load it with num_labels= the "
            "number of classes, at least 2."
        )


def check_methods(methods: Sequence[Method]) -> list[Method]:
    """Refuse what is no method, and one that is there twice: its terms would have the same names.

    Args:
        methods: those that will train together.
    """
    if isinstance(methods, Method | str) or not all(isinstance(method, Method) for method in methods):
        raise ValueError(
            f"methods={methods!r} is no list of methods; give [SelfTuning(...)], a name such as 'self_tuning', or a "
            "list of names and methods."
        )
    names = [type(method).__name__ for method in methods]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"{', '.join(twice)} is there twice, and its loss terms would be mixed up; give each method once."
        )
    return list(methods)


def check_model_parts(methods: Sequence[Method], source: Any, weight_decay: float) -> None:
    """Refuse methods without the source or teacher they learn from; warn of weights that are pulled to two places.

    Args:
        methods: those that will train.
        source: the pretrained model with its own head, or None.
        weight_decay: of the optimizer.
    """
    needing = [type(method).__name__ for method in methods if method.needs_source]
    if needing and source is None:
        raise ValueError(
            f"{', '.join(needing)} learns from the pretrained model's own head, which one with a new head lacks; pass "
            "source_model=, the same weights loaded by AutoModelForImageClassification with its own classes, or by "
            "AutoModelForMaskedLM."
        )
    untaught = [type(method).__name__ for method in methods if method.lacks_teacher]
    if untaught and any(method.probe_head for method in methods):
        raise ValueError(
            f"{', '.join(untaught)} with teacher=None takes the student before probe_head=True has fitted its head, "
            "and that knows nothing; give the folder of a trained teacher."
        )
    decaying = [type(method).__name__ for method in methods if method.decays_weights]
    if decaying and weight_decay:
        logger.warning(
            "%s holds the weights back itself, and weight_decay=%s pulls them to zero besides; set it to 0.",
            ", ".join(decaying),
            weight_decay,
        )


def check_precision(model: nn.Module, methods: Sequence[Method]) -> None:
    """Refuse to train half-precision weights beside methods: their small steps, and moving averages, round away.

    Args:
        model: the user's.
        methods: those that will train.
    """
    halves = sorted({str(p.dtype) for p in model.parameters() if p.requires_grad and p.dtype.itemsize < 4})
    if methods and halves:
        raise ValueError(
            f"The model trains weights in {halves[0]}, and a moving average of them would stand still; load it with "
            "dtype=torch.float32, and let bf16=True or fp16=True compute in half precision."
        )


def check_gate(args: SelfTuningConfig, *, scored: bool) -> None:
    """Refuse a safety gate that no dev score would ever move.

    Args:
        args: of the training.
        scored: whether `compute_metrics` is there.
    """
    if args.safety_gate and (args.eval_strategy == "no" or not scored):
        raise ValueError(
            "safety_gate=True watches the dev score, and nothing is scored during training; hold labels out "
            "(--validation_share 0.2, or eval_dataset= and compute_metrics=) and set eval_strategy='steps'."
        )


def check_datasets(
    labeled: Any, unlabeled: Any, methods: Sequence[Method], batch: int, *, audit: bool, workers: int
) -> None:
    """Refuse datasets that cannot be paired.

    Args:
        labeled: the labelled dataset.
        unlabeled: the unlabelled dataset or None.
        methods: those that will train.
        batch: unlabelled examples an optimizer step takes.
        audit: whether the unlabelled labels are kept aside for figures.
        workers: processes that read the data.
    """
    if labeled is None:
        raise ValueError("Training needs train_dataset=, the labelled examples.")
    streamed = isinstance(unlabeled, datasets.IterableDataset)
    if streamed and workers:
        raise ValueError(
            f"dataloader_num_workers={workers} would deal the unlabelled stream out to the workers, and no example "
            "would keep its place; take 0, or load it as a map-style dataset."
        )
    if streamed and comes_by_chance(unlabeled):
        raise ValueError(
            "unlabeled_dataset is a stream that was shuffled without a seed, and a resumed run would read it in "
            "another order; give one, as in shuffle(seed=0), and to interleave_datasets likewise."
        )
    for name, dataset in (("train_dataset", labeled), ("unlabeled_dataset", None if streamed else unlabeled)):
        if isinstance(dataset, IterableDataset) or not (dataset is None or isinstance(dataset, Sized)):
            raise ValueError(
                f"{name} is a stream without a length, from which training cannot be resumed exactly; load it as a "
                "map-style dataset (datasets.load_dataset without streaming=True), or, for the unlabelled examples, "
                "as a datasets.IterableDataset."
            )
        if isinstance(dataset, Mapping):
            raise ValueError(
                f"{name} is a dictionary of {', '.join(map(str, dataset))}; pass one of its parts, as data['train']."
            )
    if len(labeled) == 0:
        raise ValueError("train_dataset is empty, and training starts from labels; label some examples first.")
    needing = [type(method).__name__ for method in methods if method.needs_unlabeled]
    if unlabeled is None:
        if needing:
            raise ValueError(f"{', '.join(needing)} learns from unlabelled data; pass unlabeled_dataset=.")
        return
    if not streamed and len(unlabeled) == 0:
        raise ValueError("unlabeled_dataset is empty; leave it out to train on the labels alone.")
    if not streamed and len(unlabeled) < batch:
        raise ValueError(
            f"unlabeled_dataset has {len(unlabeled)} examples and a step takes {batch}; lower "
            "per_device_train_batch_size, gradient_accumulation_steps or unlabeled_batch_ratio, or add data."
        )
    labels = [name for name in LABEL_COLUMNS if name in (getattr(unlabeled, "column_names", None) or ())]
    if labels and not audit:
        logger.warning(
            "The column %r of the unlabelled set is hidden before any loss sees it: no label in it is read.", labels[0]
        )


def check_pushing(args: SelfTuningConfig, *, with_state: bool) -> None:
    """Refuse to push checkpoints whose queues and key encoders were not asked to leave this machine.

    Args:
        with_state: whether there are methods, whose state is in every checkpoint.
    """
    if args.push_to_hub and with_state and args.pushes_checkpoints and not args.hub_push_training_state:
        strategy = HubStrategy(args.hub_strategy).value
        raise ValueError(
            f"hub_strategy={strategy!r} pushes whole checkpoints, and in them queues and key encoder, which are made "
            "of your data; say hub_push_training_state=True if they may be pushed, or take hub_strategy='every_save'."
        )
