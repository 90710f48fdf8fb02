"""Checks of the trainer's arguments, model and methods. Each error says what to do."""

import logging
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers.trainer_utils import HubStrategy

from ..config import SelfTuningConfig
from ..core.method import Method
from ..core.task import IGNORED, Task
from ..data.rows.plain_text import named_twice
from ..streams.pairs import no_class_of
from .sharding_checks import check_engines

logger = logging.getLogger(__name__)
OF_LIBRARY = "transformers."
SINGLE = "single_label_classification"
"""The problem type of a model that gives each example one class."""


def check_arguments(args: SelfTuningConfig) -> None:
    """Refuse options that do not work here; warn of those whose effect differs."""
    check_engines(args.deepspeed, args.parallelism_config)
    if args.gpus_seen > 1:
        logger.warning(
            "One process sees %d GPUs and uses the first; start a process for each GPU with `accelerate launch`.",
            args.gpus_seen,
        )
    if args.dataloader_num_workers > 1 and not args.dataloader_in_order:
        logger.warning(
            "dataloader_in_order=False lets a batch overtake another, so that a resumed run is not exact; leave it "
            "out to resume exactly."
        )


def check_streams(args: SelfTuningConfig, *, two: bool) -> None:
    """Refuse options that do not work with batches of two streams, or with the methods' batches.

    Args:
        args: the training arguments.
        two: whether there is an unlabelled stream.
    """
    if getattr(args.accelerator_config, "dispatch_batches", False):
        raise ValueError(
            "dispatch_batches=True would cut unlabelled batches short; leave it out, so that each rank reads its own."
        )
    strategy = args.train_sampling_strategy
    if two and strategy not in ("random", "group_by_length"):
        raise ValueError(
            f"train_sampling_strategy={strategy!r} orders one stream, and there are two; use "
            "random or group_by_length."
        )
    if strategy not in ("random", "group_by_length", "sequential"):
        raise ValueError(
            f"train_sampling_strategy={strategy!r} makes batches of its own, which have no views for the methods; use "
            "random, group_by_length or sequential."
        )


def check_plain_batches(methods: Sequence[Method], trainer: str) -> None:
    """Refuse a loader of the script's own beside methods: its batches hold no unlabelled examples.

    Args:
        methods: those that train.
        trainer: name of the trainer's class.
    """
    if methods:
        raise ValueError(
            f"get_train_dataloader of {trainer} makes plain batches, without the views and the unlabelled examples "
            f"that {', '.join(type(method).__name__ for method in methods)} needs; leave it out, and set the order by "
            "_get_train_sampler, the batches by data_collator=, or train without methods by methods=[]."
        )


def check_given(model: Any, task: Any) -> None:
    """Refuse the name of a model or a task where the object itself is needed."""
    if isinstance(model, str):
        raise ValueError(
            f"model={model!r} is a name; load it first: AutoModelForTokenClassification.from_pretrained({model!r}, "
            "num_labels=...), AutoModelForSequenceClassification or AutoModelForImageClassification."
        )
    if task is not None and not isinstance(task, Task):
        raise ValueError(
            f"task={task!r} is no Task; leave it out, or give TokenClassification(), TextClassification() or "
            "ImageClassification(weak, strong)."
        )


def check_model(model: Any) -> None:
    """Refuse a model that does not say how many classes it has."""
    num_labels = getattr(getattr(model, "config", None), "num_labels", None)
    if num_labels is None:
        raise ValueError(
            f"{type(model).__name__} has no config.num_labels, the number of its classes; derive it from "
            "PreTrainedModel, or give it a config of transformers: self.config = PretrainedConfig(num_labels=...); "
            "load a model of timm by AutoModelForImageClassification.from_pretrained('timm/...')."
        )


def check_problem(model: Any) -> None:
    """Refuse a model of one class, and one whose config asks for a regression or for several classes of an example."""
    if model.config.num_labels < 2:
        raise ValueError(
            f"The model has num_labels={model.config.num_labels}, but a classifier needs two classes or more; load "
            "the model with the number of your classes as num_labels=, or train a regression by methods=[] and plain "
            "TrainingArguments, without unlabeled_dataset."
        )
    problem = getattr(model.config, "problem_type", None)
    if problem not in (None, SINGLE):
        raise ValueError(
            f"The model has problem_type={problem!r}, and one class is learned for each example; load it without "
            "problem_type=, or train it by transformers' Trainer."
        )


def check_evaluated(labels: Any, model: Any) -> None:
    """Refuse labels that are no classes; torch would raise an IndexError, and a GPU would be of no use afterwards.

    Args:
        labels: of an evaluated batch; None and what is no tensor of whole numbers passes.
        model: the user's. One that is not of transformers passes, because its loss may know other marks than -100.
    """
    classes, problem = model.config.num_labels, getattr(model.config, "problem_type", None)
    whole = isinstance(labels, Tensor) and not labels.is_floating_point() and labels.dtype != torch.bool
    if not whole or classes < 2 or problem not in (None, SINGLE) or not type(model).__module__.startswith(OF_LIBRARY):
        return
    wrong = no_class_of(labels[labels != IGNORED], classes)
    if wrong is not None:
        raise ValueError(
            f"An evaluated label is {wrong}, and the model has num_labels={classes}; leave examples without a class "
            "out of the scores, or remove the column of labels to predict without scores."
        )


def check_methods(methods: Sequence[Method]) -> list[Method]:
    """Refuse what is no method, and a method that is given twice: its terms would have the same names.

    Args:
        methods: those that will train together.
    """
    if isinstance(methods, Method | str) or not all(isinstance(method, Method) for method in methods):
        raise ValueError(
            f"methods={methods!r} is no list of methods; give [SelfTuning(...)], a name such as 'self_tuning', or a "
            "list of names and methods."
        )
    names = [type(method).__name__ for method in methods]
    twice = named_twice(names)
    if twice:
        raise ValueError(
            f"{', '.join(twice)} is there twice, and its loss terms would be mixed up; give each method once."
        )
    return list(methods)


def check_model_parts(methods: Sequence[Method], source: Any, weight_decay: float) -> None:
    """Refuse methods that lack their source model or teacher; warn if weight decay opposes a method.

    Args:
        methods: those that will train.
        source: the pretrained model with its own head, or None.
        weight_decay: of the optimizer.
    """
    needing = [type(method).__name__ for method in methods if method.needs_source]
    if needing and source is None:
        raise ValueError(
            f"{', '.join(needing)} learns from the pretrained model's own head, but your model has a new head; pass "
            "source_model=: the same pretrained weights, loaded by AutoModelForMaskedLM, or by "
            "AutoModelForImageClassification without num_labels=."
        )
    untaught = [type(method).__name__ for method in methods if method.lacks_teacher]
    started = next((method.start for method in methods if method.start != "none"), None)
    if untaught and started:
        raise ValueError(
            f"{', '.join(untaught)} with teacher=None copies the student before start={started} fits its head, so the "
            "teacher is untrained; give the folder of a trained teacher."
        )
    decaying = [type(method).__name__ for method in methods if method.decays_weights]
    if decaying and weight_decay:
        logger.warning(
            "%s has a weight penalty of its own, and weight_decay=%s also pulls the weights to zero; set it to 0.",
            ", ".join(decaying),
            weight_decay,
        )


def check_precision(model: nn.Module, methods: Sequence[Method]) -> None:
    """Refuse to train half-precision weights beside methods.

    Small steps of the optimizer and of moving averages would round to nothing.

    Args:
        model: the user's.
        methods: those that will train.
    """
    halves = sorted({str(p.dtype) for p in model.parameters() if p.requires_grad and p.dtype.itemsize < 4})
    if methods and halves:
        raise ValueError(
            f"The model trains weights in {halves[0]}, and a moving average of them would stand still; load it with "
            "dtype=torch.float32, set bf16=True or fp16=True to compute in half precision, and evaluate before the "
            "training without bf16_full_eval or fp16_full_eval, which leave the weights in half precision."
        )


def check_gate(args: SelfTuningConfig, *, scored: bool) -> None:
    """Refuse a safety gate where the training computes no dev score.

    Args:
        args: the training arguments.
        scored: whether `compute_metrics` is given.
    """
    if args.safety_gate and (args.eval_strategy == "no" or not scored):
        raise ValueError(
            "safety_gate=True watches the dev score, and nothing is scored during training; hold labels out "
            "(--validation_share 0.2, or eval_dataset= and compute_metrics=) and set eval_strategy='steps'."
        )


def check_pushing(args: SelfTuningConfig, *, with_state: bool) -> None:
    """Refuse to push queues and key encoders with a checkpoint, unless `hub_push_training_state` allows it.

    Args:
        args: of the training.
        with_state: whether there are methods, whose state is in every checkpoint.
    """
    if args.push_to_hub and with_state and args.pushes_checkpoints and not args.hub_push_training_state:
        strategy = HubStrategy(args.hub_strategy).value
        raise ValueError(
            f"hub_strategy={strategy!r} pushes whole checkpoints with queues and key encoder, which are made from "
            "your data; set hub_push_training_state=True if they may be pushed, or hub_strategy='every_save' if not."
        )
