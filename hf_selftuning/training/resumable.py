"""ResumableTrainer: a Trainer whose checkpoints hold all that is trained, and from which a run goes on to the bit."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from torch import nn
from transformers import Trainer

from ..core.objective import Objective
from ..monitoring.loss_log import Ledger
from .checkpoints import LAST_FILE, can_reload, checkpoint_to_resume, load_side_state, reload_weights, save_side_state


class ResumableTrainer(Trainer):
    """A Trainer that saves and reads back student, methods and ledger.

    Whole checkpoints are told from half-written ones. Weights are read back through `from_pretrained`, since
    Trainer silently skips those that are saved under other names than the live model has.
    """

    model: Any
    _ledger: Ledger

    @property
    @abstractmethod
    def training_module(self) -> Objective:
        """Student and methods."""

    def train(
        self, resume_from_checkpoint: str | bool | None = None, trial: Any = None, ignore_keys_for_eval: Any = None
    ) -> Any:
        """The Trainer's; `resume_from_checkpoint=True` takes the last checkpoint that is whole."""
        checkpoint = checkpoint_to_resume(resume_from_checkpoint, str(self.args.output_dir))
        return super().train(checkpoint, trial, ignore_keys_for_eval)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        self._ledger.stop_if_not_finite()
        if self.args.should_save:
            # A checkpoint that is written over is not whole until its end, which an earlier run may have left there.
            folder = Path(self._get_output_dir(trial)) / f"checkpoint-{self.state.global_step}"
            (folder / LAST_FILE).unlink(missing_ok=True)
        super()._save_checkpoint(model, trial)

    def _save_rng_state(self, output_dir: str) -> None:
        super()._save_rng_state(output_dir)
        # The end of a checkpoint follows, and stands for the files of every rank.
        self.accelerator.wait_for_everyone()

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        super()._save_optimizer_and_scheduler(output_dir)
        ledger = self._ledger.state()
        if self.args.should_save:
            save_side_state(self.training_module.methods, self.model, ledger, output_dir)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        # First, for it says in a sentence what the optimizer would say of its groups.
        if checkpoint is not None:
            ledger = load_side_state(self.training_module.methods, self.model, checkpoint)
            self._ledger.load(ledger, self.args.device)
        super()._load_optimizer_and_scheduler(checkpoint)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        # Built first, for what a method keeps of the start is not what the checkpoint holds.
        self.training_module.train()
        if not can_reload(self.model, resume_from_checkpoint):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        reload_weights(self.model, resume_from_checkpoint)

    def _load_best_model(self) -> None:
        best = self.state.best_model_checkpoint
        if best is None or not can_reload(self.model, best):
            super()._load_best_model()
            return
        reload_weights(self.model, best)
