"""Objective: student and methods in one module, which is trained. Accelerate wraps it, not the user's model."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..distributed import broadcast, world_size
from ..modules.classifier import (
    Pass,
    Rows,
    feature_width,
    find_classifier,
    kept_outputs,
    read_features,
    watched_passes,
)
from ..modules.head_start import STARTS
from ..modules.linear_probe import set_heads
from ..modules.reference_model import batch_norms
from ..modules.slices import is_sliced, reslice_parts
from ..modules.swapping import swapped, weight_pairs
from .fitted_head import fitted_head
from .method import Method
from .method_checks import SUPERVISED, check_averages, check_no_new_part, check_state, reachable
from .method_terms import terms_of
from .preparation import BuildContext, LabeledBatches, PoolBatches, Preparation, Spread
from .pseudo_label_figures import Report, labels_of_examples, pseudo_label_figures
from .step import Progress, Step, Stream
from .task import Count, Task

Batch = Mapping[str, Mapping[str, Any]]
OwnLoss = Callable[[nn.Module, Mapping[str, Any]], Tensor]
"""A supervised loss of the script's own: of the student, and a plain labelled batch."""


class Objective(nn.Module):
    """Cross-entropy on the labelled rows plus the terms of every method.

    Args:
        student: the user's plain model.
        methods: the methods that train together; an empty list is plain fine-tuning.
        task: reads the student's outputs as rows.
        num_classes: width of the logits.
        labeled_view: the view that the supervised loss sees.
        feature_module: see `find_classifier`.
        label_smoothing: label smoothing of the supervised loss.
        supervised_weight: weight of the supervised loss.
        source: the pretrained model with its own head, for methods that need it.
        examples: numbers of labelled and unlabelled examples, for methods that keep something of each; 0 is unknown.
        freeze_norms: let BatchNorm normalise by the pretrained statistics, in the student and in every copy of it.
    """

    def __init__(
        self,
        student: nn.Module,
        methods: Sequence[Method],
        task: Task,
        *,
        num_classes: int,
        labeled_view: str = "weak.0",
        feature_module: str | None = None,
        label_smoothing: float = 0.0,
        supervised_weight: float = 1.0,
        source: nn.Module | None = None,
        examples: tuple[int, int] = (0, 0),
        freeze_norms: bool = False,
    ) -> None:
        super().__init__()
        self.freeze_norms = freeze_norms
        self.task, self.num_classes, self.labeled_view = task, num_classes, labeled_view
        self.label_smoothing, self.supervised_weight = label_smoothing, supervised_weight
        self.paths = find_classifier(student, num_classes, feature_module)
        self.student = student
        self.methods = nn.ModuleList(methods)
        self.progress = Progress(0, 1)
        self.own_loss: OwnLoss | None = None
        """The script's own supervised loss, in place of the cross-entropy; the trainer sets it."""
        self.guessed: tuple[Tensor, Tensor] | None = None
        """Of the last micro-batch the unlabelled examples (n,) and their pseudo-labels (n,), -1 for one that was not
        used; None where an example is several rows, or where no method gave pseudo-labels."""
        self.has_average = False
        """Whether the student's own weights are the average already, so that there is none to put in their place."""
        self._working: set[nn.Module] = set()
        context = BuildContext(student, feature_width(student, self.paths), num_classes, self.paths, source, *examples)
        for method in methods:
            method.check_meaning(task.kind)
            method.build(context)
            check_state(method, student, *([] if source is None else [source]))
        self._built = {method: reachable(method) for method in methods}
        """What each method holds before its first terms, until these are computed."""
        check_averages(self._methods)
        self.kept = tuple(dict.fromkeys(path for method in methods for path in method.kept))

    def train(self, mode: bool = True) -> "Objective":
        """Set train mode, except for norms whose statistics are frozen."""
        # Trainer calls `train()` before each step, so norms that were frozen only once would not stay frozen.
        super().train(mode)
        for norm in batch_norms(self) if self.freeze_norms else ():
            norm.eval()
        return self

    def read(self, model: nn.Module, inputs: Mapping[str, Any], rows: Tensor | None) -> Rows:
        """Run a model of the student's architecture, and return its features, logits and kept outputs by row."""
        with kept_outputs(model, self.kept) as outputs:
            found = Pass(inputs, *read_features(model, self.paths, inputs))
        return self._rows(found, outputs, rows)

    def _rows(self, found: Pass, outputs: Mapping[str, Tensor], rows: Tensor | None) -> Rows:
        kept = {path: self.task.select(output, rows) for path, output in outputs.items()}
        return Rows(self.task.select(found.features, rows), self.task.select(found.logits, rows), kept)

    @torch.no_grad()
    def prepare(
        self, batches: LabeledBatches, pool: PoolBatches | None = None, names: LabeledBatches | None = None
    ) -> Spread | None:
        """Fit the heads if a method asks for it, then let every method learn from the labelled data, in eval mode.

        Args:
            batches: the labelled data.
            pool: the unlabelled data, each rank's own part of it; None where nothing `reads_pool`.
            names: an example for each class that holds its name, if `start="propagate"` may count them.

        Returns:
            What `start="propagate"` found out about the pool, or None.
        """
        self.eval()
        preparation = Preparation(self.student, self.read, batches, self.task, pool, names)
        if self.start != "none":
            head, spread = fitted_head(preparation, self.start, self.num_classes)
            # The heads of two ranks may differ by rounding, and their weights must be equal.
            broadcast(head)
            # The passes that made the features left whole weights where a sharded student has slices.
            self.reslice()
            set_heads(self._heads, *head)
            preparation = replace(preparation, spread=spread)
        for method in self._methods:
            method.begin()
            method.prepare(preparation)
        # Nothing makes buffers equal later: by default SelfTuningConfig turns off DDP's own broadcast of them.
        broadcast(self.methods.buffers())
        return preparation.spread

    @property
    def start(self) -> str:
        """What the classifier begins as: the last of `STARTS` that a method asks for."""
        return max((method.start for method in self._methods), key=STARTS.index, default=STARTS[0])

    @property
    def reads_pool(self) -> bool:
        """Whether the unlabelled data is read before training, for the start or for a method."""
        return self.start == "propagate" or any(method.reads_pool for method in self._methods)

    @property
    def _methods(self) -> list[Method]:
        return [cast(Method, method) for method in self.methods]

    @property
    def _heads(self) -> list[nn.Module]:
        return [self.student.get_submodule(path) for path in self.paths]

    def forward(self, batch: Batch | None = None, **inputs: Any) -> Any:
        """Loss terms by name, and figures to log as numerators and denominators.

        Args:
            batch: what `PairCollator` makes; each stream also has `weight`, the weight of one row in the loss.
            **inputs: a plain batch in its place, as a script's own loader makes it; it passes through the student.
        """
        return self.student(**inputs) if batch is None else self.losses(batch)

    def losses(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Count]]:
        """As `forward` for a batch of both streams."""
        self.reslice()
        streams = {name: Stream.of(part) for name, part in batch.items()}
        step = Step(
            self.student, read=self.read, select=self.task.select, streams=streams, labeled_view=self.labeled_view,
            progress=self.progress, label_smoothing=self.label_smoothing, one_shape=self.task.one_shape,
        )  # fmt: skip
        # A loss of the script's own runs the student first, so that the methods use the same pass.
        own = {} if self.own_loss is None else {SUPERVISED: self._own(step, self.own_loss)}
        terms, reports = self._terms(step, own)
        if SUPERVISED not in terms:
            terms = {SUPERVISED: self.supervised(step)} | terms
        if self.supervised_weight != 1:
            terms[SUPERVISED] = self.supervised_weight * terms[SUPERVISED]
        if world_size() > 1 and not is_sliced(self.student):
            # DDP waits for a gradient of every parameter, also in a method that still warms up and has no terms.
            terms[SUPERVISED] = terms[SUPERVISED] + sum(0 * p.sum() for p in self._trained(self.methods))
        self.guessed = labels_of_examples(batch.get("unlabeled", {}), reports)
        figures = pseudo_label_figures(
            reports, step.labels, batch.get("unlabeled", {}), task=self.task, num_classes=self.num_classes
        )
        return terms, figures

    def _terms(self, step: Step, terms: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[Report]]:
        """These terms and those of all methods, and the pseudo-labels that each method reported."""
        reports: list[Report] = []
        for method in self._methods:
            mine = terms_of(method, step, terms)
            reports += [Report.of(method, *report) for report in step.reported[len(reports) :]]
            if mine:
                self._working.add(method)
            terms |= mine
        return terms, reports

    def supervised(self, step: Step) -> Tensor:
        """Cross-entropy of the labelled rows, in float32."""
        logits = step.student("labeled", self.labeled_view).logits
        return step.mean("labeled", step.supervised_losses(logits, step.labels))

    def _own(self, step: Step, loss: OwnLoss) -> Tensor:
        """The script's own loss on the labelled examples. If it runs the student once, the methods use that pass."""
        inputs = step.inputs("labeled", self.labeled_view)
        with kept_outputs(self.student, self.kept) as outputs, watched_passes(self.student, self.paths) as passes:
            value = loss(self.student, {**inputs, "labels": step.given_labels})
        if len(passes) == 1 and all(passes[0].inputs.get(name) is value for name, value in inputs.items()):
            step.keep("labeled", self.labeled_view, self._rows(passes[0], outputs, step.rows("labeled")))
        return value

    def before_step(self) -> None:
        """Drop the gradients of methods that had no term: they are zero, and weight decay would move the weights.

        Raises:
            ValueError: a method's first terms made a part, see `check_no_new_part`.
        """
        self.reslice()
        for method in self._methods:
            if method not in self._working:
                for parameter in self._trained(method):
                    # Optimizers skip a parameter without a gradient. To one with a zero gradient they apply momentum
                    # and weight decay.
                    parameter.grad = None
            elif method in self._built:
                check_no_new_part(method, self._built.pop(method) | set(self.student.modules()))
        self._working.clear()

    def after_step(self, *, skipped: bool = False) -> None:
        """Update the parts of every method, after each optimizer step.

        Args:
            skipped: the optimizer skipped the step (an overflow in fp16). What was gathered for it is dropped. A
                warm-up that ends with this step still ends.
        """
        if skipped:
            self.reset_step()
        for method in self._methods:
            if not skipped or method.steps_since_warmup(self.progress) == 0:
                method.settle(self.progress)

    @property
    def averaged(self) -> nn.Module | None:
        """The copy of the student whose averaged weights count in its place.

        None before the warm-up ends, and after `finish`, when the student has them itself.
        """
        if self.has_average:
            return None
        copies = (m.averaged() for m in self._methods if m.steps_since_warmup(self.progress) >= 0)
        return next((copy for copy in copies if copy is not None), None)

    def evaluated_weights(self) -> contextlib.AbstractContextManager[None]:
        """Give the student the averaged weights, if a method averages them, while the context lasts."""
        averaged = self.averaged
        return contextlib.nullcontext() if averaged is None else swapped(self.student, averaged)

    @torch.no_grad()
    def finish(self) -> None:
        """Give the student the averaged weights for good, if a method averages them, as training ends."""
        averaged = self.averaged
        for mine, theirs in () if averaged is None else weight_pairs(self.student, averaged):
            mine.copy_(theirs)
        # A script may load other weights into its model now, and an evaluation must score these.
        self.has_average = True

    def reslice(self) -> None:
        """Make the parameters of a sharded student and of its methods slices again; nothing without sharding."""
        if is_sliced(self.student):
            reslice_parts(self)

    def reset_step(self) -> None:
        """Forget what was gathered for a step that is not taken."""
        for method in self._methods:
            method.forget()

    def head_parameters(self) -> set[Tensor]:
        """Parameters that start at random: the classifier's, unless a `start` sets them, and the methods' own."""
        # A fitted head is as good as pretrained: a high rate would destroy what the start found.
        fresh = self._heads if self.start == "none" else []
        ready = [part for method in self._methods for part in method.pretrained_parts()]
        known = {p for module in ready for p in self._trained(module)}
        return {p for module in [*fresh, self.methods] for p in self._trained(module) if p not in known}

    @staticmethod
    def _trained(module: nn.Module) -> list[nn.Parameter]:
        return [parameter for parameter in module.parameters() if parameter.requires_grad]
