"""PushingTrainer: what goes to the Hub, the card that goes with it, and errors on the way."""

import logging
from collections.abc import Sized
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, ModelCard
from huggingface_hub.errors import HfHubHTTPError
from transformers import TrainingArguments

from ..core.method import Method
from ..core.task import Task
from ..monitoring.log_history import History
from ..report.card import model_card
from ..report.card_facts import About, Facts
from .push_errors import explained, reason_of
from .resumable import ResumableTrainer

logger = logging.getLogger(__name__)

TRAINING = (
    "learning_rate", "train_batch_size", "gradient_accumulation_steps", "world_size", "max_steps", "num_train_epochs",
    "lr_scheduler_type", "optim", "weight_decay", "seed", "bf16", "fp16",
)  # fmt: skip


def repository_name(args: TrainingArguments) -> str:
    """Where a push goes, as Trainer has it: `hub_model_id`, or the name of the output folder."""
    return args.hub_model_id or Path(str(args.output_dir)).absolute().name


def claim_repository(args: TrainingArguments, name: str) -> str:
    """Make the repository, or find that it may be written to, before anything is trained for it; its full name.

    Args:
        args: name it, say whether it is private, and hold the token.
        name: taken where they name none.

    Raises:
        OSError: the token is refused or may not write there, or the Hub does not answer.
    """
    name = args.hub_model_id or name
    with explained(name):
        made = HfApi().create_repo(name, token=args.hub_token, private=args.hub_private_repo, exist_ok=True)
        check_writable(made.repo_id, args.hub_token)
    return made.repo_id


def check_writable(repository: str, token: str | None) -> None:
    """Refuse a repository of others; one whose Hub cannot tell is left to the push itself."""
    try:
        HfApi().auth_check(repository, token=token, write=True)
    except HfHubHTTPError as error:
        if error.response.status_code in (401, 403):
            raise


def alike(history: History) -> History:
    """The log with the same scores in each evaluation; Trainer's own card fails where one has a score more."""
    scored = [line.keys() for line in history if "eval_loss" in line]
    shared = set(scored[0]).intersection(*scored) if scored else set()
    return [{n: line[n] for n in line if n in shared} if "eval_loss" in line else line for line in history]


class PushingTrainer(ResumableTrainer):
    """A Trainer whose pushes come with a card that says what was trained on what."""

    methods: list[Method]
    task: Task
    unlabeled_dataset: Any
    about: About

    def init_hf_repo(self, token: str | None = None, *given: Any, **named: Any) -> None:
        """The Trainer's; a repository that may not be written to is refused at once."""
        with explained(repository_name(self.args)):
            super().init_hf_repo(token, *given, **named)  # `private` came after transformers 5.17
            if self.is_world_process_zero():
                check_writable(str(self.hub_model_id), token or self.args.hub_token)

    def push_to_hub(self, *given: Any, **named: Any) -> Any:
        """The Trainer's; where the push fails, a sentence says so and the model stays in `output_dir`."""
        with explained(self.hub_model_id or repository_name(self.args), self.args.output_dir):
            return super().push_to_hub(*given, **named)

    def _finish_current_push(self) -> None:
        super()._finish_current_push()
        pushing = getattr(self, "push_in_progress", None)
        for job in pushing.jobs if pushing is not None else ():
            # Training goes on without the Hub; Trainer would say nothing.
            error = job.exception() if job.done() and not job.cancelled() else None
            if error is not None:
                reason = reason_of(error, str(self.hub_model_id)) or str(error)
                logger.warning(
                    "A push during training failed: %s Checkpoints are in %s.", reason, self.args.output_dir
                )

    def create_model_card(self, *given: Any, **named: Any) -> None:
        """Write `README.md` into `output_dir`; arguments as for Trainer, which makes the metadata."""
        if not self.is_world_process_zero():
            return
        history = self.state.log_history
        self.state.log_history = alike(history)
        try:
            super().create_model_card(*given, **named)
        finally:
            self.state.log_history = history
        path = Path(str(self.args.output_dir)) / "README.md"
        written = ModelCard.load(path, ignore_metadata_errors=True)
        tags = [*(written.data.tags or ()), *(getattr(self.model, "model_tags", None) or ())]
        written.data.tags = list(dict.fromkeys(tags))
        model_card(self._facts(written.data.model_name, written.data.base_model), written.data).save(path)

    def _facts(self, name: str | None, base_model: Any) -> Facts:
        repository = self.hub_model_id or "path/to/this/folder"
        names = self.model.config.id2label
        return Facts(
            name=name or Path(str(self.args.output_dir)).name,
            repository=repository,
            pipeline=self.task.pipeline,
            base_model=base_model if isinstance(base_model, str) else None,
            classes=[str(names[index]) for index in sorted(names)],
            labeled=_size(self.train_dataset) or 0,
            unlabeled=_size(self.unlabeled_dataset),
            methods=self.methods,
            history=self.state.log_history,
            training={name: getattr(self.args, name) for name in TRAINING},
            device=f"{self.args.world_size} x {self.args.device.type}",
            about=self.about,
        )


def _size(dataset: Any) -> int | None:
    """Number of examples; None where a stream has no end that is known."""
    if dataset is None:
        return 0
    return len(dataset) if isinstance(dataset, Sized) else None
