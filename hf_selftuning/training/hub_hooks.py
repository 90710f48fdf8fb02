"""A Trainer whose pushes explain their errors, and come with a card of the run."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import Trainer

from ..config import SelfTuningConfig
from ..core.method import Method
from ..core.task import Task
from ..report.card import model_card
from ..report.card_facts import About
from .push_errors import explained
from .pushing import card_metadata, check_writable, facts_of, method_tags, repository_name, same_scores
from .unlabeled_use import readers, why_unused

logger = logging.getLogger(__name__)


class HubHooks(Trainer):
    """The public methods of Trainer that write the card and push, each with what this package adds."""

    model: Any
    args: SelfTuningConfig
    methods: Sequence[Method]
    task: Task
    unlabeled_dataset: Any
    about: About
    resumed_at: int = 0
    """The step from which the last training went on; 0 if it began anew."""

    def why_unused(self) -> str | None:
        """Why the model has learned from no unlabelled example, as a sentence; None if it has, or has no method."""
        reading = readers(self.methods)
        takes_best = bool(self.args.load_best_model_at_end)
        return why_unused(reading, self.state, takes_best=takes_best) if reading else None

    def init_hf_repo(self, token: str | None = None, *given: Any, **named: Any) -> None:
        """As in Trainer, but a repository that the token may not write to is refused before training."""
        with explained(repository_name(self.args)):
            super().init_hf_repo(token, *given, **named)  # `private` came after transformers 5.17
            if self.is_world_process_zero():
                check_writable(str(self.hub_model_id), token or self.args.hub_token)

    def push_to_hub(self, *given: Any, **named: Any) -> Any:
        """As in Trainer, but if the push fails, the error says why, and the model stays in `output_dir`."""
        with explained(self.hub_model_id or repository_name(self.args), self.args.output_dir):
            return super().push_to_hub(*given, **named)

    def create_model_card(self, *given: Any, **named: Any) -> None:
        """Write `README.md` into `output_dir`; arguments as for Trainer, which makes the metadata."""
        if not self.is_world_process_zero():
            return
        history = self.state.log_history
        self.state.log_history = same_scores(history)
        try:
            super().create_model_card(*given, **named)
        finally:
            self.state.log_history = history
        path = Path(str(self.args.output_dir)) / "README.md"
        unused = self.why_unused()
        if unused and not self.state.global_step:
            logger.warning(unused)
        data = card_metadata(
            path, getattr(self.model, "model_tags", None) or (), method_tags(self.methods) if unused else ()
        )
        unlabeled = self.unlabeled_dataset if readers(self.methods) else None
        facts = facts_of(
            self, data, methods=self.methods, task=self.task, unlabeled=unlabeled, about=self.about, unused=unused,
            resumed_at=self.resumed_at,
        )  # fmt: skip
        model_card(facts, data).save(path)
