"""The steps of a training on two streams: weights of rows, loss, log and figures. Other steps are Trainer's own."""

import contextlib
import inspect
import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import Trainer
from transformers.trainer_utils import EvalLoopOutput

from ..core.step import Progress
from ..distributed import world_size
from ..monitoring.health import Health
from ..monitoring.held_out import HeldOut
from ..report.boards import Pictures
from ..streams.pairs import PairedDataset, is_paired
from ..streams.row_weights import row_weights
from ..streams.unlabeled_stream import MARK
from .checks import check_evaluated, check_plain_batches
from .joined_outputs import JoinedOutputs
from .own_loss import for_pairs, has_own_loss, some_examples
from .trainer_hooks import TrainerHooks

logger = logging.getLogger(__name__)


class PairedSteps(TrainerHooks):
    """A Trainer whose batches may hold a labelled and an unlabelled stream, on which it trains an `Objective`.

    A subclass may override `compute_loss` as for Trainer. In training, it then gets the labelled examples as a plain
    batch, and its loss is the objective's supervised term.
    """

    health: Health
    held_out: HeldOut
    pictures: Pictures
    loss_is_scaled_for_ga: bool | None = None
    uses_own_loss: bool
    """Whether the supervised term is what `compute_loss` gives for the labelled examples; else the cross-entropy."""
    _joined: JoinedOutputs
    _examples_in_epoch: int
    _rows_in_step: Tensor

    @property
    def _labeled_view(self) -> str:
        return f"{self.args.labeled_view}.0"

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # Trainer passes each batch to `compute_loss`. One that a script overrides expects plain batches.
        cls.compute_loss = for_pairs(cls.compute_loss, PairedSteps.paired_loss)  # type: ignore[method-assign]

    def get_batch_samples(self, epoch_iterator: Iterator, num_batches: int, device: torch.device) -> tuple[list, Any]:
        """The micro-batches of an optimizer step, in which each stream gets `weight`, the weight of one row."""
        batches, items = super().get_batch_samples(epoch_iterator, num_batches, device)
        if self.trains_as_trainer or not batches:
            return batches, items
        if not is_paired(batches[0]):
            check_plain_batches(self.methods, type(self).__name__)
            return batches, items
        weights = row_weights(batches, device)
        if self.args.safety_gate and "unlabeled" in weights:
            weights["unlabeled"] = self.health.share * weights["unlabeled"]
        for batch in batches:
            for name, weight in weights.items():
                batch[name]["weight"] = weight
            self._stream_mark = batch.get("unlabeled", {}).pop(MARK, self._stream_mark)
        # Labelled rows of the step: `row_weights` gives their inverse, in the unit that Trainer divides by.
        self._rows_in_step = (len(batches) * world_size() / weights["labeled"]).round()
        return batches, items

    def num_examples(self, dataloader: DataLoader) -> int:
        """Labelled examples that an epoch reads, repeated ones included; else as in Trainer.

        Trainer computes the samples per second from it.
        """
        is_ours = isinstance(dataloader.dataset, PairedDataset)
        return self._examples_in_epoch if is_ours else super().num_examples(dataloader)

    # ---- loss ----

    def finds_own_loss(self) -> bool:
        """Whether the supervised loss is the script's own, or the model's own and not the usual cross-entropy."""
        if self._script_has_loss:
            return True
        if "labels" not in self.label_names or self.args.supervised_weight == 0:
            return False
        # A model whose classifier is not found is refused here, in a sentence, before its own code runs.
        num_classes = self.training_module.num_classes
        # As the loader divides a step; a search for the batch size changes it, and not `args`.
        ranks = self.args.gradient_accumulation_steps * world_size()
        collate, size = self.known_columns_collator(), self.get_total_train_batch_size(self.args) // ranks
        batches = some_examples(self.train_dataset, collate, self.task, num_classes, size)
        with self.accelerator.autocast():
            placed = (send_to_device(batch, self.args.device) for batch in batches)
            own = has_own_loss(self.model, placed, self.task)
        if own and self.args.label_smoothing_factor:
            logger.warning(
                "label_smoothing_factor=%s replaces the loss of %s by the smoothed cross-entropy, as Trainer does; "
                "leave it out to train with the model's own loss.",
                self.args.label_smoothing_factor,
                type(self.model).__name__,
            )
        return own and not self.args.label_smoothing_factor

    @property
    def _script_has_loss(self) -> bool:
        """Whether the script gives a loss: a function, or a `compute_loss` in the place of Trainer's."""
        compute_loss = inspect.unwrap(type(self).compute_loss)
        return self.compute_loss_func is not None or compute_loss is not Trainer.compute_loss

    def paired_loss(
        self,
        model: nn.Module,
        inputs: Mapping[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The sum of the objective's terms; what `compute_loss` gives for a batch of two streams."""
        # Trainer counts the micro-batches of each step: the last step of an epoch may have fewer than the arguments
        # say.
        module, share = self.training_module, 1 / self.current_gradient_accumulation_steps
        module.progress = Progress(self.state.global_step, self.state.max_steps)
        module.own_loss = self._own_loss if self.uses_own_loss else None
        terms, figures = model(inputs)
        self._ledger.record(terms, figures, share=share, step=self.state.global_step + 1)
        if module.guessed is not None:
            self.label_changes.note(*module.guessed, step=self.state.global_step + 1)
        # The terms have their weights already, and Accelerate needs one scalar for the backward pass.
        loss = torch.stack(list(terms.values())).sum()
        if self.compute_loss_func is not None and "loss_is_scaled_for_ga" not in vars(Trainer):
            loss = share * loss  # before 5.20, Trainer does not divide the loss where it has a `compute_loss_func`
        return (loss, terms) if return_outputs else loss

    def _own_loss(self, model: nn.Module, batch: Mapping[str, Any]) -> Tensor:
        """What the script's `compute_loss` or `compute_loss_func`, or the model itself, gives for a plain batch."""
        whole = self.compute_loss_func is not None or type(self).loss_is_scaled_for_ga
        # Trainer multiplies by the number of ranks if they count together, and else each rank counts its own rows.
        ranks = 1 if self.args.average_tokens_across_devices else world_size()
        rows: dict[str, Any] = {"num_items_in_batch": self._rows_in_step / ranks} if whole else {}
        loss: Any = self.compute_loss(model, dict(batch), **rows)
        # A loss over the whole step must not be divided by the number of micro-batches, as Trainer does with ours.
        return loss * self.current_gradient_accumulation_steps if whole else loss

    def evaluation_loop(
        self,
        dataloader: DataLoader,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """As in Trainer, but windows of a sentence are joined, and `evaluate` also gives the figures of `held_out`."""
        scores, self.compute_metrics = self.compute_metrics, self._joined.scored(self.compute_metrics)
        try:
            with self.scored_weights():
                output = super().evaluation_loop(
                    dataloader, description, prediction_loss_only, ignore_keys, metric_key_prefix=metric_key_prefix
                )
        finally:
            self.compute_metrics = scores
        output = self._joined.output(output)
        # By default, a hyperparameter search maximises the sum of all metrics. The figures must not count there.
        if description == "Prediction" or self.hp_search_backend is not None:
            return output
        self.pictures.take(output.predictions, output.label_ids, metric_key_prefix)
        if self._training_module is None and not self.held_out.always:
            return output
        return self.held_out.add_to(output, prefix=metric_key_prefix, state=self.state, device=self.args.device)

    def prediction_step(self, model: nn.Module, inputs: dict[str, Any], *given: Any, **named: Any) -> Any:
        """As in Trainer, but a label that is no class of the model is refused in a sentence."""
        if not self._script_has_loss:
            check_evaluated(inputs.get("labels"), self.model)
        return super().prediction_step(model, inputs, *given, **named)

    def autocast_smart_context_manager(self, cache_enabled: bool | None = True) -> contextlib.AbstractContextManager:
        """Autocast for the plain model too; Accelerate applies it to the objective alone."""
        return super().autocast_smart_context_manager() if self.trains_as_trainer else self.accelerator.autocast()

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the named loss terms and figures to each line that holds the training loss."""
        if "loss" in logs:
            logs |= self._ledger.read(self.state.global_step)
            self.label_changes.settle()
            if self.methods:
                # 0 during a warm-up: the name shows why `loss` jumps when it ends. fsum rounds once, so that the order
                # of the methods does not change the sum.
                logs["methods_loss"] = math.fsum(
                    value for name, value in logs.items() if name.startswith("loss_") and name != "loss_supervised"
                )
            logs |= {"unlabeled_share": self.health.share} if self.args.safety_gate else {}
        super().log(logs, start_time)

    def floating_point_ops(self, inputs: Mapping[str, Any]) -> int:
        """Operations of the student's pass over the labelled examples; no other pass is counted."""
        plain = inputs["labeled"]["views"][self._labeled_view] if is_paired(inputs) else inputs
        return super().floating_point_ops(dict(plain))
