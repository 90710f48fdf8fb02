"""The data of a training: raw datasets are encoded, and both streams are read by one loader."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from accelerate.utils import send_to_device
from torch.utils.data import DataLoader

from ..core.method import all_views
from ..core.step import Views
from ..core.task import LABEL_COLUMNS, Use
from ..data.class_names import check_same_classes, named_classes
from ..data.words.tables.table_columns import LABEL_COLUMNS as TAG_COLUMNS
from ..distributed import world_size
from ..streams.loader import pair_loader, pair_sampler
from ..streams.pairs import PairedDataset
from ..streams.plain_batches import PlainBatches
from ..streams.soft_labels import SoftLabels
from .checks import check_precision
from .dataset_checks import check_datasets
from .joined_outputs import JoinedOutputs
from .paired_steps import PairedSteps
from .teachers import FOLDER, Teachers, teachers_of


def may_read_raw(collator: Any) -> bool:
    """Whether a collator is the user's own, which may encode raw examples itself; those of transformers cannot."""
    return collator is not None and not str(getattr(collator, "__module__", "")).startswith("transformers.")


def size_of(dataset: Any) -> int:
    """Number of examples, 0 for none and for a stream."""
    return len(dataset) if hasattr(dataset, "__len__") else 0


class TrainingData(PairedSteps):
    """A Trainer that encodes raw datasets, and reads labelled and unlabelled examples by one loader."""

    data_collator: Any
    unlabeled_dataset: Any
    soft_labels: SoftLabels | None = None
    """What teachers say of the unlabelled data, once a training has asked them."""
    _encodes: bool
    """Whether raw datasets are encoded; they are not if the user's own collator may need raw examples."""
    _labeled_classes: Mapping[str, list[str]]
    """Names of the classes of the labelled examples, by column."""

    @property
    def views(self) -> Views:
        """Views of both streams that the supervised loss and the methods ask for."""
        return all_views(self.methods, self._labeled_view)

    def take_data(self, collator: Any, labeled: Any, unlabeled: Any, evaluated: Any) -> None:
        """Encode the datasets where they are raw, and choose the collator.

        Args:
            collator: the user's own, or None.
            labeled: the labelled dataset.
            unlabeled: the unlabelled dataset, or None.
            evaluated: the evaluation set, several by name, or None.
        """
        self._encodes, self._joined = not may_read_raw(collator), JoinedOutputs(self.task)
        self._labeled_classes = {}
        self.data_collator = collator or self.task.collator(self.processing_class) or self.data_collator
        self.train_dataset, self.unlabeled_dataset = labeled, unlabeled
        self._encode_streams()
        self.eval_dataset = self._encoded(evaluated, "evaluated")

    def _encode_streams(self) -> None:
        self.train_dataset = self._encoded(self.train_dataset, "labeled")
        # True labels of unlabelled examples are read for the audit alone.
        use: Use = "audited" if self.args.audit_pseudo_labels else "unlabeled"
        self.unlabeled_dataset = self._encoded(self.unlabeled_dataset, use)

    def _encoded(self, dataset: Any, use: Use) -> Any:
        if use == "evaluated" and isinstance(dataset, Mapping):
            return {name: self._encoded(part, use) for name, part in dataset.items()}
        names = named_classes(dataset, (getattr(self.task, "label_column", "label"), *LABEL_COLUMNS, *TAG_COLUMNS))
        if use == "labeled":
            self._labeled_classes = names or self._labeled_classes
        elif use != "unlabeled":
            which = "unlabeled_dataset" if use == "audited" else "the evaluated data"
            check_same_classes(which, names, self._labeled_classes)
        given = self.task.encode(dataset, use) if self._encodes else dataset
        return self._joined.keep(given) if use == "evaluated" else given

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader:
        """As in Trainer, but a raw dataset is encoded first."""
        given = self._encoded(eval_dataset, "evaluated")
        own: Any = self.eval_dataset  # by default, or by the name of one of several
        self._joined.choose(own if given is None else own[given] if isinstance(given, str) else given)
        return super().get_eval_dataloader(given)

    def get_test_dataloader(self, test_dataset: Any) -> DataLoader:
        """As in Trainer, but a raw dataset is encoded first."""
        given = self._encoded(test_dataset, "evaluated")
        self._joined.choose(given)
        return super().get_test_dataloader(given)

    def get_train_dataloader(self) -> DataLoader:
        """One loader of both streams; the methods have no influence on the labelled batches."""
        self._encode_streams()  # a script may have given the trainer other datasets since
        self.label_changes.size = size_of(self.unlabeled_dataset)
        if self.trains_as_trainer:
            return super().get_train_dataloader()
        # Labelled examples in an optimizer step. Trainer knows it best: auto_find_batch_size does not change `args`.
        step = self.get_total_train_batch_size(self.args)
        size = step * self.args.unlabeled_batch_ratio
        check_datasets(self.train_dataset, self.unlabeled_dataset, self.methods, size)
        check_precision(self.model, self.methods)  # an evaluation may have changed it since the trainer was made
        self.uses_own_loss = self.finds_own_loss()
        if self.sharding is not None:
            self.training_module.reslice()  # now, so that an optimizer which a script makes has the slices
        sampler = pair_sampler(
            self.train_dataset,
            self.unlabeled_dataset,
            step,
            task=self.task,
            args=self.args,
            own_sampler=self.own_sampler(),
        )
        loader = pair_loader(
            self.train_dataset,
            self.unlabeled_dataset,
            task=self.task,
            views=self.views,
            collate=self.known_columns_collator(),
            num_classes=self.model.config.num_labels,
            batch=step // (self.args.gradient_accumulation_steps * world_size()),
            args=self.args,
            sampler=sampler,
            own_loss=self.uses_own_loss,
            taught=self._soft_labels(sampler.drawn(self._steps(len(sampler) // step))),
        )
        self._examples_in_epoch = len(sampler)
        self._paired_data = cast(PairedDataset, loader.dataset)
        prepared = self.accelerator.prepare(loader)
        # Accelerate passes the number of the epoch only to the sampler that is set here.
        prepared.set_sampler(sampler)
        return prepared

    def plain_batches(self, dataset: Any) -> PlainBatches:
        """Batches of an encoded dataset as methods see it before training.

        Args:
            dataset: encoded as the labelled or the unlabelled dataset is.
        """
        return PlainBatches(
            dataset,
            task=self.task,
            collate=self.known_columns_collator(),
            num_classes=self.model.config.num_labels,
            size=self.args.eval_batch_size,
            place=lambda batch: send_to_device(batch, self.args.device),
        )

    def _steps(self, in_epoch: int) -> int:
        """Optimizer steps of the training, as Trainer counts them."""
        return self.args.max_steps if self.args.max_steps > 0 else math.ceil(self.args.num_train_epochs * in_epoch)

    def _soft_labels(self, drawn: np.ndarray | None = None) -> SoftLabels | None:
        """What the teachers of the methods say of the unlabelled data; None without teachers.

        Args:
            drawn: places of the examples that the training reads; None asks for all.
        """
        folders = teachers_of(self.methods)
        if not folders or self.unlabeled_dataset is None:
            return None
        pool = replace(self.plain_batches(self.unlabeled_dataset), hidden=True, by_length=True, only=drawn)
        kept = Path(str(self.args.output_dir)) / FOLDER
        legal = any(method.legal_tags for method in self.methods)
        teachers = Teachers(folders, pool, self.args.device, kept, legal)
        # The first rank of a machine writes the files, and the others find them.
        with self.args.main_process_first(desc="soft labels"), self.accelerator.autocast():
            self.soft_labels = teachers.soft_labels()
        return self.soft_labels
