"""Pictures for TensorBoard and W&B after each evaluation: the confusion matrix, and a gallery of pseudo-labels."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import datasets
import numpy as np
from jaxtyping import Int, UInt8
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.integrations import TensorBoardCallback, WandbCallback

from ..monitoring.held_out import labeled_rows
from ..monitoring.label_changes import LabelChanges
from .board_pictures import confusion_picture, gallery_picture


class Source(Protocol):
    """What the pictures read of a trainer."""

    callback_handler: Any
    label_changes: LabelChanges
    model: Any
    task: Any
    unlabeled_dataset: Any


class Pictures(TrainerCallback):
    """Sends pictures where Trainer's own callbacks for TensorBoard and W&B log; without these it does nothing.

    The confusion matrix counts the rows of the evaluation. The gallery shows images under the pseudo-labels that the
    training used last, the latest changes first. Neither needs a forward pass.

    Args:
        source: the trainer.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.confusions: dict[str, Int[np.ndarray, "c c"]] = {}
        """Counts of true class and predicted class of the evaluations that were not sent yet, by their prefix."""

    @property
    def is_on(self) -> bool:
        """Whether Trainer logs to TensorBoard or W&B."""
        return any(isinstance(one, TensorBoardCallback | WandbCallback) for one in self._callbacks)

    @property
    def _callbacks(self) -> Sequence[TrainerCallback]:
        return self.source.callback_handler.callbacks

    def take(self, predictions: Any, label_ids: Any, prefix: str) -> None:
        """Count the answers of an evaluation; nothing if they are no logits, or if Trainer kept only the loss.

        Args:
            predictions: of the evaluation.
            label_ids: true classes.
            prefix: start of the names of its scores, such as `eval`.
        """
        classes = self.source.model.config.num_labels
        rows = labeled_rows(predictions, label_ids, classes) if self.is_on else None
        if rows is not None:
            places = (rows[1] * classes + rows[0].argmax(1)).numpy()
            self.confusions[prefix] = np.bincount(places, minlength=classes**2).reshape(classes, classes)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Draw and send what was taken."""
        taken, self.confusions = self.confusions, {}
        if not self.is_on:
            return
        self.source.label_changes.settle()  # every rank must take part
        if state.is_world_process_zero:
            for name, picture in self._drawn(taken).items():
                self._send(name, picture, state.global_step)

    def _drawn(self, taken: Mapping[str, Int[np.ndarray, "c c"]]) -> dict[str, UInt8[np.ndarray, "h w 3"]]:
        """The pictures by name; Trainer, too, shows `eval_loss` as `eval/loss`."""
        config = self.source.model.config
        names = [str(config.id2label[number]) for number in range(config.num_labels)]
        found = {
            f"{prefix}_confusion_matrix".replace("_", "/", 1): confusion_picture(counts, names)
            for prefix, counts in taken.items()
        }
        changes, pool = self.source.label_changes, self.source.unlabeled_dataset
        # Another kind of dataset may draw random numbers for an example, which would change the training.
        if changes.is_known and isinstance(pool, datasets.Dataset):
            plain = pool.with_format(None)
            shown = gallery_picture(changes, lambda place: self.source.task.picture(plain[place]), names)
            found |= {} if shown is None else {"train/pseudo_labels": shown}
        return found

    def _send(self, name: str, picture: UInt8[np.ndarray, "h w 3"], step: int) -> None:
        wandb: Any = sys.modules.get("wandb")  # Trainer's callback has imported it if it logs there
        for one in self._callbacks:
            if isinstance(one, TensorBoardCallback) and one.tb_writer is not None:
                one.tb_writer.add_image(name, picture, step, dataformats="HWC")
            if isinstance(one, WandbCallback) and wandb is not None and wandb.run is not None:
                wandb.log({name: wandb.Image(picture), "train/global_step": step})
