"""SelfTuningTrainer: a Hugging Face Trainer that trains an Objective, while its model stays the user's plain one."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from transformers import TrainingArguments
from transformers.integrations import is_fsdp_enabled

from ..core.method import Method
from ..core.objective import Objective
from ..core.task import Task
from ..methods import SelfTuning, parse_method, split_methods
from ..monitoring.health import Health
from ..monitoring.held_out import HeldOut
from ..monitoring.label_changes import LabelChanges
from ..monitoring.loss_log import Ledger
from ..report.boards import Pictures
from ..report.card_facts import About
from ..tasks import task_of
from .callbacks import AfterStep, BeforeTraining
from .checks import (
    check_arguments,
    check_gate,
    check_given,
    check_methods,
    check_model,
    check_model_parts,
    check_precision,
    check_problem,
    check_pushing,
    check_streams,
)
from .hidden_labels import report_hidden_labels
from .learning_rates import raise_head_rates
from .plain_run import adds_nothing, config_of
from .pushing import method_tags
from .sharding import make_room, sharding_asked_for
from .sharding_checks import check_engines
from .start import prepare
from .training_data import TrainingData, size_of


class SelfTuningTrainer(TrainingData):
    """`transformers.Trainer` with an unlabelled dataset beside the labelled one.

    `trainer.model` is the user's plain model before, during and after training; what is trained is an
    `Objective` that holds it. All other arguments are the Trainer's own.

    Args:
        model: a transformers model that classifies tokens, texts or images; timm models through the wrapper.
        args: a `SelfTuningConfig`; plain `TrainingArguments` are converted to one.
        data_collator: batches plain examples, as for Trainer.
        train_dataset: examples with labels. In every dataset, the trainer encodes the columns `tokens` and `ner_tags`,
            or `text` and `label`, if `processing_class` is a tokenizer, or `image` and `label` if it is an image
            processor. With a `data_collator` of your own, it encodes nothing. Data that is already encoded stays as
            it is.
        eval_dataset: as for Trainer.
        processing_class: as for Trainer: the tokenizer or image processor.
        unlabeled_dataset: examples without labels; if it has labels, no loss sees them. May be a
            `datasets.IterableDataset`.
        source_model: the pretrained model with its own head, for methods that learn from it (Co-Tuning), or a function
            that loads it.
        methods: a name as on the command line (`"self_tuning"`, `"fixmatch:threshold=0.9"`, `"co_tuning+fixmatch"`),
            a `Method`, or a list of both. A name without `preset=` takes the preset for the kind of data,
            where the method has one. None is Self-Tuning, `[]` and `"fine_tuning"` are plain fine-tuning.
        task: the task of the model; None derives it from the model's class.
        **trainer_arguments: `compute_metrics`, `compute_loss_func`, `callbacks`, `model_init`, ... of Trainer.

    Raises:
        ValueError: data, model or launch do not allow the training; the message says what to do.
    """

    def __init__(
        self,
        model: Any = None,
        args: TrainingArguments | None = None,
        data_collator: Any = None,
        train_dataset: Any = None,
        eval_dataset: Any = None,
        processing_class: Any = None,
        *,
        unlabeled_dataset: Any = None,
        source_model: nn.Module | Callable[[], nn.Module] | None = None,
        methods: str | Method | Sequence[str | Method] | None = None,
        task: Task | None = None,
        **trainer_arguments: Any,
    ) -> None:
        given = split_methods(methods)
        args = config_of(args, given)
        check_arguments(args)
        check_given(model, task)
        check_pushing(args, with_state=given is None or len(given) > 0)
        if isinstance(model, nn.Module) and is_fsdp_enabled():
            make_room(model)  # where there is no accelerator, Trainer moves it at once
        super().__init__(
            model, args, data_collator, train_dataset, eval_dataset, processing_class, **trainer_arguments
        )
        # A launcher may ask for an engine without an argument of the trainer.
        check_engines(self.is_deepspeed_enabled)
        self.args = args
        self.sharding = sharding_asked_for(self.accelerator, args, self.model, self.optimizer)
        self.is_fsdp_enabled = False  # the weights are sharded here, and for Trainer the model is a plain one
        self.about = About()
        check_model(self.model)
        self.task = task or task_of(self.model)
        self.task.bind(self.model, self.processing_class)
        self.take_data(data_collator, train_dataset, unlabeled_dataset, eval_dataset)
        self.methods = self._methods_of(given)
        self.source_model = source_model
        check_model_parts(self.methods, source_model, args.weight_decay)
        check_precision(self.model, self.methods)
        self._training_module: Objective | None = None
        self._ledger = Ledger()
        self.label_changes = LabelChanges(size_of(self.unlabeled_dataset))
        self.seconds_before = 0.0
        """Seconds that `prepare_methods` took; a run that resumes prepares nothing."""
        self._choose_training(unlabeled_dataset)
        self._watch_scores()
        self._mark_model()

    def _mark_model(self) -> None:
        """Give the model its memory format and the methods' tags, also a new one that `model_init` has made."""
        if self.args.channels_last:
            self.model.to(memory_format=torch.channels_last)
        # A model that is no PreTrainedModel may have a config and no tags.
        if self.methods and hasattr(self.model, "add_model_tags"):
            self.model.add_model_tags(method_tags(self.methods))

    def _choose_training(self, unlabeled_dataset: Any) -> None:
        """Train two streams, or leave the training to Trainer where there is nothing to add."""
        self.trains_as_trainer = self.sharding is None and adds_nothing(
            self.args,
            self.methods,
            self.task,
            unlabeled=unlabeled_dataset,
            own_loader=type(self).get_train_dataloader is not SelfTuningTrainer.get_train_dataloader,
        )
        if not self.trains_as_trainer:
            self._train_two_streams()
            if not self.args.audit_pseudo_labels:
                report_hidden_labels(unlabeled_dataset)

    def _train_two_streams(self) -> None:
        """Prepare for batches of an `Objective`, of which `compute_loss` returns the mean."""
        check_streams(self.args, two=self.unlabeled_dataset is not None)
        check_problem(self.model)
        # Trainer must divide that mean by the number of micro-batches.
        self.loss_is_scaled_for_ga = False
        # If a model's forward has **kwargs, Trainer assumes that its loss is divided by num_items_in_batch. BERT's
        # token head ignores that number, so its loss would be multiplied by accumulation steps and processes.
        self.model_accepts_loss_kwargs = False
        self.add_callback(BeforeTraining(self.prepare_methods))
        self.add_callback(AfterStep(lambda: self.training_module, lambda: self.accelerator, self.label_changes.settle))

    def _watch_scores(self) -> None:
        """Judge the dev scores during training, add figures of pseudo-labels to them, and send pictures of them."""
        check_gate(self.args, scored=self.compute_metrics is not None)
        judged = self.methods if self.unlabeled_dataset is not None else []
        self.health = Health(judged, lambda: self.eval_dataset, self.task.score)
        self.add_callback(self.health)
        self.pictures = Pictures(self)
        self.add_callback(self.pictures)
        self.held_out = HeldOut(self.methods, self.health.methods, self.task, self.model.config.num_labels)

    @property
    def training_module(self) -> Objective:
        """Student and methods; built at the first use, and again after `model_init` has made a new model."""
        if self._training_module is None or self._training_module.student is not self.model:
            # An earlier evaluation may have wrapped the model's forward for autocast; copies would inherit that.
            self.accelerator.unwrap_model(self.model, keep_fp32_wrapper=False)
            self._mark_model()
            if self.sharding is not None:
                self.sharding.take_weights(self.model, self.source_model)
            # New parts start from the same weights in each run, and drawing these changes no other random number.
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.args.seed)
                objective = Objective(
                    self.model,
                    self.methods,
                    self.task,
                    num_classes=self.model.config.num_labels,
                    labeled_view=self._labeled_view,
                    feature_module=self.args.feature_module,
                    label_smoothing=self.args.label_smoothing_factor,
                    supervised_weight=self.args.supervised_weight,
                    source=self._source(),
                    examples=(size_of(self.train_dataset), size_of(self.unlabeled_dataset)),
                    freeze_norms=self.args.freeze_norms,
                )
            sharding = self.sharding
            if sharding is None:
                self._training_module = objective.to(self.args.device)
            else:
                self._training_module = sharding.shard(objective, self.own_layers(objective.student))
        return self._training_module

    def _source(self) -> nn.Module | None:
        """The pretrained model with its own head, loaded only if a method needs it."""
        if not any(method.needs_source for method in self.methods):
            return None
        source = self.source_model
        return source if source is None or isinstance(source, nn.Module) else source()

    def prepare_methods(self) -> None:
        """Let the methods learn before training: from the labelled data, and from the pool for `start="propagate"`."""
        batches = self.plain_batches(self.train_dataset)
        # What a method draws here must not change the order of the data or the dropout of the training.
        with torch.random.fork_rng(devices=[]):
            quiet = bool(self.args.disable_tqdm)
            self.seconds_before = prepare(self.training_module, batches, self.unlabeled_dataset, quiet=quiet)

    def _methods_of(self, given: Sequence[Any] | None) -> list[Method]:
        kind = self.task.kind
        if given is None:
            return [SelfTuning.from_preset(kind)]
        return check_methods([parse_method(part, preset=kind) if isinstance(part, str) else part for part in given])

    # ---- optimizer ----

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        """The Trainer's optimizer over the objective, with `head_lr_ratio` for the parts that are not pretrained."""
        if self.trains_as_trainer or self.optimizer is not None:
            return super().create_optimizer(model)
        module = self.training_module
        module.reslice()
        optimizer = super().create_optimizer(module if model is None else model)
        raise_head_rates(optimizer, module.head_parameters(), self.args.head_lr_ratio)
        self._made_optimizer = True
        return optimizer

    def get_decay_parameter_names(self, model: nn.Module) -> list[str]:
        """As in Trainer, but without parameters of one dimension: Trainer does not recognise the norms of timm."""
        if self.trains_as_trainer:
            return super().get_decay_parameter_names(model)
        flat = {name for name, parameter in model.named_parameters() if parameter.ndim < 2}
        return [name for name in super().get_decay_parameter_names(model) if name not in flat]
