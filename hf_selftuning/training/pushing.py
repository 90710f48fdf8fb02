"""Pushes to the Hub: repository, permission to write, failed pushes, and the facts on the model card."""

import logging
from collections.abc import Iterable, Mapping, Sequence, Sized
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

from huggingface_hub import HfApi, ModelCard, ModelCardData
from huggingface_hub.errors import HfHubHTTPError
from transformers import PreTrainedModel, Trainer, TrainingArguments

from ..core.method import Method
from ..core.task import Task
from ..data.images.pixels.one_channel_processor import OneChannelImageProcessor
from ..monitoring.log_history import History
from ..report.card_facts import About, Facts
from .push_errors import explained, reason_of

logger = logging.getLogger(__name__)

ON_THE_CARD = (
    "learning_rate", "train_batch_size", "gradient_accumulation_steps", "world_size", "max_steps", "num_train_epochs",
    "lr_scheduler_type", "optim", "weight_decay", "seed", "bf16", "fp16",
)  # fmt: skip


def repository_name(args: TrainingArguments) -> str:
    """The repository that Trainer pushes to: `hub_model_id`, or the name of the output folder."""
    return args.hub_model_id or Path(str(args.output_dir)).absolute().name


def claim_repository(args: TrainingArguments, name: str) -> str:
    """Create the repository, or check that the token may write to it, before training; return its full name.

    Args:
        args: hold `hub_model_id`, whether the repository is private, and the token.
        name: name of the repository if `hub_model_id` is None.

    Raises:
        OSError: the token is refused or may not write there, or the Hub does not answer.
    """
    name = args.hub_model_id or name
    with explained(name):
        # `exist_ok` also accepts a repository of others, so the permission to write is checked on its own.
        made = HfApi().create_repo(name, token=args.hub_token, private=args.hub_private_repo, exist_ok=True)
        check_writable(made.repo_id, args.hub_token)
    return made.repo_id


def check_writable(repository: str, token: str | None) -> None:
    """Refuse a repository that the token may not write to. Other errors of the Hub are left to the push itself."""
    try:
        HfApi().auth_check(repository, token=token, write=True)
    except HfHubHTTPError as error:
        if error.response.status_code in (401, 403):
            raise


def warn_of_failed_pushes(jobs: Iterable[Future], repository: str, folder: str) -> None:
    """Log why pushes failed during training; training itself continues without the Hub.

    Args:
        jobs: pushes that training started.
        repository: name of the repository.
        folder: local folder of the checkpoints.
    """
    for job in jobs:
        error = job.exception() if job.done() and not job.cancelled() else None
        if error is not None:
            reason = reason_of(error, repository) or str(error)
            logger.warning("A push during training failed: %s Checkpoints are in %s.", reason, folder)


def same_scores(history: History) -> History:
    """The log with only those scores that every evaluation has: Trainer's own card fails if one has more."""
    scored = [line.keys() for line in history if "eval_loss" in line]
    shared = set(scored[0]).intersection(*scored) if scored else set()
    return [{n: line[n] for n in line if n in shared} if "eval_loss" in line else line for line in history]


def method_tags(methods: Sequence[Method]) -> list[str]:
    """The tags of a model that the methods trained."""
    return ["semi-supervised", *(method.title.lower() for method in methods)] if methods else []


def card_metadata(path: Path, tags: Sequence[str], left_out: Sequence[str]) -> ModelCardData:
    """The metadata of the card that Trainer wrote, and the model's tags but those that are left out."""
    data = ModelCard.load(path, ignore_metadata_errors=True).data
    data.tags = [tag for tag in dict.fromkeys([*(data.tags or ()), *tags]) if tag not in left_out]
    return data


def facts_of(
    trainer: Trainer,
    data: ModelCardData,
    *,
    methods: Sequence[Method],
    task: Task,
    unlabeled: Any,
    about: About,
    unused: str | None,
    resumed_at: int,
) -> Facts:
    """The facts that the card gives about a run.

    Args:
        trainer: the trainer, after training.
        data: Trainer's metadata, which name the model and its base model.
        methods: the methods that trained.
        task: the task of the model.
        unlabeled: the unlabelled dataset, or None.
        about: facts that a script gave the trainer about the run.
        unused: why no unlabelled example was used, as a sentence, or None.
        resumed_at: the step from which the training went on; 0 if it began anew.
    """
    args, model = trainer.args, cast(PreTrainedModel, trainer.model)
    names: Mapping[Any, str] = model.config.id2label or {}
    return Facts(
        name=data.model_name or Path(str(args.output_dir)).name,
        repository=trainer.hub_model_id or "path/to/this/folder",
        pipeline=task.pipeline,
        base_model=data.base_model if isinstance(data.base_model, str) else None,
        classes=[str(names[index]) for index in sorted(names)],
        labeled=_size(trainer.train_dataset, task) or 0,
        unlabeled=_size(unlabeled, task),
        methods=methods,
        history=trainer.state.log_history,
        training=_training(args),
        device=f"{args.world_size} x {args.device.type}",
        resumed_at=resumed_at,
        trained=trainer.state.global_step > 0,
        unused=unused,
        in_grey=isinstance(trainer.processing_class, OneChannelImageProcessor),
        about=about,
    )


def _training(args: TrainingArguments) -> dict[str, Any]:
    """The arguments on the card; of steps and epochs the one that counted, because Trainer ignores the other."""
    ignored = "num_train_epochs" if args.max_steps > 0 else "max_steps"
    return {name: getattr(args, name) for name in ON_THE_CARD if name != ignored}


def _size(dataset: Any, task: Task) -> int | None:
    """Number of examples; None for a stream without a known end."""
    if dataset is None:
        return 0
    return task.size(dataset) if isinstance(dataset, Sized) else None
