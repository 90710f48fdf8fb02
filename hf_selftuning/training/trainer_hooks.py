"""Every private name of transformers that this package overrides or calls, each with its reason.

A release of transformers may rename or change what begins with an underscore. No other file depends on such names, and
tests/training/test_trainer_hooks.py compares each of them with the installed release.
"""

import contextlib
import logging
from abc import abstractmethod
from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import datasets
from torch import Tensor, nn
from torch.utils.data import Sampler, SequentialSampler
from transformers import Trainer, TrainerState
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from ..core.objective import Objective
from ..core.step import Progress
from ..modules.method_state import STATE_FILE, load_side_state, save_side_state
from ..monitoring.label_changes import LabelChanges
from ..monitoring.loss_log import Ledger
from ..streams.pairs import PairedDataset, is_paired
from ..streams.unlabeled_stream import MARK, Mark, StreamedExamples
from .checkpoints import LAST_FILE, checkpoint_to_resume
from .hub_hooks import HubHooks
from .learning_rates import add_missing
from .pushing import warn_of_failed_pushes
from .saved_weights import can_reload, reload_weights
from .sharded_files import whole_state, whole_weights
from .sharding import Sharding

logger = logging.getLogger(__name__)


class TrainerHooks(HubHooks):
    """A Trainer whose checkpoints hold the methods' state."""

    trains_as_trainer: bool
    """Whether there is nothing to add to Trainer's own training, which then runs unchanged; see `plain_run.py`."""
    _made_optimizer: bool = False
    """Whether the optimizer is Trainer's own over the objective, and so has the methods' layers."""
    sharding: Sharding | None = None
    """How the weights are sharded over the ranks; None if each rank holds all of them."""
    _whole: dict[str, Tensor] | None = None
    """The gathered weights of a sharded model while it is saved."""
    _training_module: Objective | None
    _ledger: Ledger
    label_changes: LabelChanges
    """Which pseudo-labels changed their class during the training, for images and texts."""
    _cut_line: Mapping[str, Tensor]
    """The sums for the next line of the log, the record of the pseudo-labels and the mark of a stream, from the
    checkpoint that the run resumes from; empty without one."""
    _stream_mark: Tensor | None = None
    """Where the unlabelled stream stood a while ago, see `StreamedExamples`; None for other data."""
    _paired_data: PairedDataset | None = None
    """Both datasets, as the loader of the training reads them."""

    @property
    @abstractmethod
    def training_module(self) -> Objective:
        """Student and methods."""

    @staticmethod
    def own_layers(model: nn.Module) -> tuple[str, ...]:
        """Names of the classes of layers that a model itself says must not be split; empty if it says nothing."""
        # FSDP2 gathers these layers one by one, as Accelerate does. A PreTrainedModel has no public name for the list.
        return tuple(getattr(model, "_no_split_modules", None) or ())

    # ---- training ----

    def train(
        self, resume_from_checkpoint: str | bool | None = None, trial: Any = None, ignore_keys_for_eval: Any = None
    ) -> Any:
        """As in Trainer, but `resume_from_checkpoint=True` takes the last checkpoint that is whole."""
        checkpoint = checkpoint_to_resume(
            resume_from_checkpoint, str(self.args.output_dir), with_methods=bool(self.methods)
        )
        self._cut_line = {}
        result = super().train(checkpoint, trial, ignore_keys_for_eval)
        if self.is_world_process_zero() and (unused := self.why_unused()):
            logger.warning(unused)
        # Trainer waits for its pushes at the end of the training, but does not report those that failed.
        if (pushes := getattr(self, "push_in_progress", None)) is not None:
            warn_of_failed_pushes(pushes.jobs, str(self.hub_model_id), str(self.args.output_dir))
        return result

    def _wrap_model(self, model: nn.Module, training: bool = True, dataloader: Any = None) -> nn.Module:
        # Trainer prepares `self.model` for training. We prepare the Objective in its place, and `self.model` stays the
        # user's plain model: evaluation, saving, the model card and pushes need no change.
        self.resumed_at = self.state.global_step if training else self.resumed_at
        if not training and self.sharding is not None:
            self.training_module  # noqa: B018  # an evaluation before the training needs the slices, too
        if not training or self.trains_as_trainer:
            return super()._wrap_model(model, training, dataloader)
        # An optimizer of the script's own (`create_optimizer`, `optimizers=`) does not know the methods' parts.
        if not self._made_optimizer and self.optimizer is not None:
            own_parts = self.training_module.methods.parameters()
            add_missing(self.optimizer, own_parts, self.args.learning_rate * self.args.head_lr_ratio)
        # Training begins here, and so does each new try of auto_find_batch_size: discard what a stopped step left.
        self._ledger.restart(self.state.global_step)
        self._ledger.load(self._cut_line, self.args.device)
        self.label_changes.load(self._cut_line)
        self._go_to_mark()
        self.training_module.reset_step()
        self.training_module.has_average = False
        if self.accelerator.unwrap_model(model, keep_torch_compile=False) is self.training_module:
            return model
        # With `evaluation_mode`, Accelerate puts no DistributedDataParallel around weights that are sharded already.
        return self.accelerator.prepare_model(self.training_module, evaluation_mode=self.sharding is not None)

    def _go_to_mark(self) -> None:
        """Let an unlabelled stream go on where the checkpoint that the run resumes from says."""
        self._stream_mark = self._cut_line.get(MARK)
        pool = None if self._paired_data is None else self._paired_data.unlabeled
        if isinstance(pool, StreamedExamples):
            pool.begin_after(None if self._stream_mark is None else Mark.of(self._stream_mark))

    # ---- checkpoints ----

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """As in Trainer, but a loss that is not finite stops the training before it gets into a checkpoint.

        If a method averages weights, the average is saved. Only a checkpoint from which a run may resume holds the
        trained weights, and the average beside them.
        """
        # Trainer begins each checkpoint with this call. A push makes the call too, without a folder.
        folder = Path(output_dir or "")
        checkpoint = _internal_call and folder.name == f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
        if checkpoint:
            self._ledger.stop_if_not_finite()
        if checkpoint and self.args.should_save:
            # An earlier run may have left a checkpoint of this step, which must not pass as whole meanwhile.
            (folder / LAST_FILE).unlink(missing_ok=True)
        resumable = checkpoint and not self.args.save_only_model
        with contextlib.nullcontext() if resumable else self.scored_weights():
            # Trainer calls `_save` on the first rank alone, and all ranks must gather the slices.
            self._whole = whole_weights(self.model, keep=self.args.should_save)
            try:
                super().save_model(output_dir, _internal_call)
            finally:
                self._whole = None

    def scored_weights(self) -> contextlib.AbstractContextManager[None]:
        """Give the model the weights that count, the average of a method that averages, while the context lasts."""
        objective = self._training_module
        if objective is None or objective.student is not self.model:
            return contextlib.nullcontext()
        return objective.evaluated_weights()

    def save_locally(self, folder: str | None = None) -> None:
        """Save the model into a folder, by default `output_dir`, and push nothing; `save_model` pushes if it may."""
        self.save_model(folder, _internal_call=True)

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        # Trainer pickles its arguments beside the weights. Pickled as they are, they could not be read without this
        # package, so Trainer gets plain TrainingArguments here.
        with self._plain_arguments():
            super()._save(output_dir, self._whole if state_dict is None else state_dict)

    def _push_from_checkpoint(self, checkpoint_folder: str) -> None:
        # As in `_save`: Trainer writes the arguments again before it pushes.
        with self._plain_arguments():
            super()._push_from_checkpoint(checkpoint_folder)

    @contextlib.contextmanager
    def _plain_arguments(self) -> Iterator[None]:
        own = self.args
        self.args = own.plain()  # type: ignore[assignment]
        try:
            yield
        finally:
            self.args = own

    @property
    def _saved_methods(self) -> nn.Module:
        return nn.ModuleList() if self.trains_as_trainer else self.training_module.methods

    def _save_rng_state(self, output_dir: str) -> None:
        super()._save_rng_state(output_dir)
        # The methods' state is written here, and not in `save_model`, which a script may override.
        line = self._ledger.state() | self.label_changes.state()  # every rank must take part
        line |= {} if self._stream_mark is None else {MARK: self._stream_mark}
        save_side_state(self._saved_methods, self.model, line, output_dir, writes=self.args.should_save)
        # This is the last file that every rank writes. Then the first rank alone writes LAST_FILE, which must mean
        # that the files of all ranks are there. Trainer does not wait for them, and calls no public method between.
        self.accelerator.wait_for_everyone()

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        # Trainer writes the state of the first rank, which of a sharded run is that of its slices.
        with whole_state(self, keep=self.args.should_save):
            super()._save_optimizer_and_scheduler(output_dir)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        # As above: the file has whole tensors.
        with whole_state(self):
            super()._load_optimizer_and_scheduler(checkpoint)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        # The Objective is built before the weights are read: a method may keep a copy of the pretrained student.
        methods = self._saved_methods
        # Trainer skips, without an error, weights that are saved under other names than the live model has (ViT: 32 of
        # 40 tensors). `reload_weights` reads them all. Adapters of peft keep their names, so Trainer reads them.
        if can_reload(self.model, resume_from_checkpoint):
            reload_weights(self.model, resume_from_checkpoint)
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        # Trainer reads the optimizer's state later. With other methods, its error would only name sizes of groups.
        if self.methods or (Path(resume_from_checkpoint) / STATE_FILE).is_file():
            self._cut_line = load_side_state(methods, self.model, resume_from_checkpoint)

    def read_finished(self, checkpoint: str, state: TrainerState) -> None:
        """Take over a training from its last checkpoint, with the model that it ended with.

        Args:
            checkpoint: folder of the checkpoint.
            state: of the trainer after the last step.
        """
        self._cut_line = {}
        # What Trainer does before and after its steps; its public `train` would take one more step.
        self._load_from_checkpoint(checkpoint)
        self.state = state
        if not self.trains_as_trainer:
            self.training_module.progress = Progress(state.global_step, state.max_steps)
            self.label_changes.load(self._cut_line)
        if self.args.load_best_model_at_end and state.best_model_checkpoint is not None:
            self._load_best_model()
        if not self.trains_as_trainer:
            self.training_module.finish()

    def _load_best_model(self) -> None:
        # As in `_load_from_checkpoint`: Trainer would leave most weights of some models at their last step.
        best = self.state.best_model_checkpoint
        if best is not None and can_reload(self.model, best):
            reload_weights(self.model, best)
        else:
            super()._load_best_model()
        if best is not None and not self.trains_as_trainer:
            self._load_best_average(Path(best))

    def _load_best_average(self, best: Path) -> None:
        """Read the averaged weights of the best checkpoint, if a method averages, because these were scored."""
        objective = self.training_module
        if objective.averaged is None:
            return
        if not (best / STATE_FILE).is_file():
            # With save_only_model=True the checkpoint's weights are those that were scored.
            objective.has_average = True
            return
        load_side_state(objective.methods, self.model, str(best))
        # Before the end of the warm-up the student's own weights were scored.
        objective.progress = Progress(int(best.name.rpartition("-")[2]), self.state.max_steps)

    # ---- data ----

    def own_sampler(self) -> Sampler | None:
        """The script's own order of the labelled examples; None if it overrides no sampler."""
        # Trainer's sampler shuffles one stream. Only one that a script overrides says something about the order.
        own = getattr(self._get_train_sampler, "__func__", None) is not Trainer._get_train_sampler
        return self._get_train_sampler(self.train_dataset) if own else None

    def known_columns_collator(self) -> Callable[[list[Any]], Any]:
        """The data collator, wrapped so that it never sees a column that the model does not take."""
        # Trainer does this only inside its own `get_train_dataloader`, which makes a loader of one dataset.
        return self._get_collator_with_removed_columns(self.data_collator, description="Training")

    def _remove_unused_columns(self, dataset: Any, description: str | None = None) -> Any:
        # Trainer removes columns before the dataset's own transform (`set_transform`) runs, which may read them.
        if isinstance(dataset, datasets.Dataset) and dataset.format["type"] == "custom":
            return self._after_transform(dataset, description)
        return super()._remove_unused_columns(dataset, description)

    def _after_transform(self, dataset: datasets.Dataset, description: str | None) -> datasets.Dataset:
        """The dataset without the columns that the model does not take, removed after its own transform has run."""
        collator, form = self.data_collator, dataset.format
        removing: Any = self._get_collator_with_removed_columns(collator, description=description)
        if removing is collator or form["output_all_columns"]:
            return dataset
        known = partial(_known, form["format_kwargs"]["transform"], frozenset(removing.signature_columns))
        return dataset.with_transform(known, columns=form["columns"])

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler | None:
        # If training groups by length, Trainer shuffles evaluation too; predictions then do not match their examples.
        return SequentialSampler(eval_dataset) if self.args.world_size <= 1 else None

    def _track_num_input_tokens(self, inputs: Mapping[str, Any]) -> None:
        # Trainer counts the tokens of one flat batch. A batch here has two streams: each example counts once, in the
        # first of its views.
        for stream in inputs.values() if is_paired(inputs) else [{"views": {"": inputs}}]:
            super()._track_num_input_tokens(next(iter(stream["views"].values())))


def _known(transform: Callable[[Any], Mapping[str, Any]], names: Container[str], rows: Any) -> dict[str, Any]:
    """What a transform makes of some rows, with the columns of these names alone."""
    return {name: values for name, values in transform(rows).items() if name in names}
