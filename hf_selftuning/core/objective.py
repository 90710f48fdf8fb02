"""Objective: what is trained, student and methods together; Accelerate wraps this, never the user's model."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..distributed import broadcast, world_size
from ..modules.classifier import Rows, feature_width, find_classifier, kept_outputs, read_features
from ..modules.linear_probe import PROBED, linear_probe, set_heads
from ..modules.queues import class_counts
from ..modules.reference_model import batch_norms
from .method import Method
from .step import LabeledBatches, Preparation, Progress, Step, Stream
from .task import Count, Task

Batch = Mapping[str, Mapping[str, Any]]
Report = tuple[Method, Tensor, Tensor]
SUPERVISED = "supervised"


class Objective(nn.Module):
    """Cross-entropy on the labelled rows plus the terms of every method.

    Args:
        student: the user's plain model.
        methods: none is plain fine-tuning.
        task: reads the student's outputs as rows.
        num_classes: width of the logits.
        labeled_view: the view that the supervised loss sees.
        feature_module: see `find_classifier`.
        label_smoothing: of the supervised loss.
        supervised_weight: of the supervised loss.
        source: the pretrained model with its own head, for methods that need it.
        freeze_norms: BatchNorm, of the student and of every copy of it, normalises by the pretrained statistics.
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
        self._working: set[nn.Module] = set()
        for method in methods:
            method.check_meaning(task.preset)
            method.heads = self.paths
            if source is not None and method.needs_source:
                method.take_source(source)
            method.build(student, feature_width(student, self.paths), num_classes)
        self.kept = tuple(dict.fromkeys(path for method in methods for path in method.kept))

    def train(self, mode: bool = True) -> "Objective":
        """Train mode, but for norms whose statistics are to stay."""
        super().train(mode)
        for norm in batch_norms(self) if self.freeze_norms else ():
            norm.eval()
        return self

    def read(self, model: nn.Module, inputs: Mapping[str, Any], rows: Tensor | None) -> Rows:
        """Rows of a model of the student's kind."""
        with kept_outputs(model, self.kept) as outputs:
            features, logits = read_features(model, self.paths, inputs)
        kept = {path: self.task.select(output, rows) for path, output in outputs.items()}
        return Rows(self.task.select(features, rows), self.task.select(logits, rows), kept)

    @torch.no_grad()
    def prepare(self, batches: LabeledBatches) -> None:
        """Probe the heads if a method wants it, then let every method learn from the labelled data, in eval mode."""
        self.eval()
        preparation = Preparation(self.student, self.read, batches)
        if self.probes_head:
            self._probe(preparation)
        for method in self._methods:
            method.prepare(preparation)
        broadcast(self.methods.buffers())

    def _probe(self, preparation: Preparation) -> None:
        """Begin with logistic regression on the features as they are, the same on every rank."""
        features, labels = [], []
        for batch in preparation.batches.first(PROBED):
            features.append(preparation.rows(batch).features)
            labels.append(preparation.labels(batch))
        set_heads(self._heads, *linear_probe(torch.cat(features), torch.cat(labels), self.num_classes))
        broadcast(parameter.data for head in self._heads for parameter in head.parameters())

    @property
    def probes_head(self) -> bool:
        """Whether a method wants the classifier to begin as a linear probe."""
        return any(method.probe_head for method in self._methods)

    @property
    def _methods(self) -> list[Method]:
        return [cast(Method, method) for method in self.methods]

    @property
    def _heads(self) -> list[nn.Module]:
        return [self.student.get_submodule(path) for path in self.paths]

    def forward(self, batch: Batch) -> tuple[dict[str, Tensor], dict[str, Count]]:
        """Loss terms by name, and figures to log as numerators and denominators.

        Args:
            batch: what `PairCollator` makes, and for each stream under `weight` what one of its rows counts.
        """
        streams = {
            name: Stream(part["views"], part.get("rows"), part.get("labels"), part["weight"])
            for name, part in batch.items()
        }
        step = Step(
            self.student, self.read, streams, self.labeled_view, self.progress, self.task.select, self.label_smoothing
        )
        terms: dict[str, Tensor] = {}
        reports: list[Report] = []
        for method in self._methods:
            mine = _terms(method, step)
            reports += [(method, *report) for report in step.pseudo_labels[len(reports) :]]
            if mine:
                self._working.add(method)
            _check_names(method, terms, mine)
            terms |= mine
        if SUPERVISED not in terms:
            terms = {SUPERVISED: self.supervised(step)} | terms
        terms[SUPERVISED] = self.supervised_weight * terms[SUPERVISED]
        if world_size() > 1:
            # DDP waits for a gradient of every parameter, those of a method that warms up included.
            terms[SUPERVISED] = terms[SUPERVISED] + sum(0 * p.sum() for p in self._trained(self.methods))
        return terms, self._figures(reports, step.labels, batch)

    def supervised(self, step: Step) -> Tensor:
        """Cross-entropy of the labelled rows, in float32."""
        logits = step.student("labeled", self.labeled_view).logits
        return step.mean("labeled", step.supervised_losses(logits, step.labels))

    def _figures(self, reports: Sequence[Report], given: Tensor, batch: Batch) -> dict[str, Count]:
        """Of the pseudo-labels of the first method that gives some, and of the queues that are fed with them.

        Args:
            reports: which method labelled the unlabelled rows how, and which of the labels it uses.
            given: labels of the labelled rows.
            batch: may hold the truth of the unlabelled rows.
        """
        if not reports:
            return {}
        figures: dict[str, Count] = {}
        truth, known = batch["unlabeled"].get("truth"), self._class_counts(given)
        for number, (method, labels, used) in enumerate(reports):
            taken = torch.where(used, labels, -1)
            guessed = self._class_counts(taken)
            if number == 0:
                figures["pseudo_label_coverage"] = (used.sum(), torch.ones_like(used).sum())
                figures |= {"pseudo_label_shift": (guessed, known), "pseudo_label_missing": (guessed, known)}
                figures |= {} if truth is None else self.task.audit(labels, used, truth)
            if method.queues_pseudo_labels:
                figures["queue_labeled_share"] = (known, known + guessed)
                if truth is not None:
                    right = self._class_counts(torch.where(taken == truth, truth, -1))
                    figures["queue_purity"] = (known + right, known + guessed)
        return figures

    def _class_counts(self, labels: Tensor) -> Tensor:
        return class_counts(labels, self.num_classes)

    def before_step(self) -> None:
        """Take the gradients, all zero, from methods that had no term, so that no decay moves what does not learn."""
        for method in self._methods:
            if method not in self._working:
                for parameter in self._trained(method):
                    parameter.grad = None
        self._working.clear()

    def after_step(self, *, skipped: bool = False) -> None:
        """Let every method follow the student, once an optimizer step.

        Args:
            skipped: the optimizer skipped it (an overflow in fp16): it is forgotten, but a warm-up that ends with it
                ends all the same.
        """
        if skipped:
            self.reset_step()
        for method in self._methods:
            if not skipped or method.steps_since_warmup(self.progress) == 0:
                method.after_step(self.student, self.progress)

    def reset_step(self) -> None:
        """Forget what was gathered for a step that is not taken."""
        for method in self._methods:
            method.reset_step()

    def head_parameters(self) -> set[Tensor]:
        """Parameters that start from nothing: the classifier's, unless it is probed, and the methods' own."""
        fresh = [] if self.probes_head else self._heads
        ready = [part for method in self._methods for part in method.pretrained_parts()]
        known = {p for module in ready for p in self._trained(module)}
        return {p for module in [*fresh, self.methods] for p in self._trained(module) if p not in known}

    @staticmethod
    def _trained(module: nn.Module) -> list[nn.Parameter]:
        return [parameter for parameter in module.parameters() if parameter.requires_grad]


def _terms(method: Method, step: Step) -> dict[str, Tensor]:
    """A method's terms, none while it warms up, scaled while it ramps up."""
    if method.steps_since_warmup(step.progress) < 0:
        return {}
    terms = method.terms(step)
    if method.ramp_ratio:
        share = method.ramped(step.progress)
        terms = {name: value if name == SUPERVISED else share * value for name, value in terms.items()}
    return terms


def _check_names(method: Method, terms: Mapping[str, Tensor], mine: Mapping[str, Tensor]) -> None:
    both = sorted(terms.keys() & mine.keys())
    if both:
        raise ValueError(
            f"{type(method).__name__} and another method both name a loss term {', '.join(both)}; "
            "let each name its own."
        )
