"""Self-Tuning for Data-Efficient Deep Learning (Wang et al., ICML 2021), https://arxiv.org/abs/2102.12903."""

import dataclasses
import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..distributed import gather_rows
from ..ema import EmaCopy
from ..losses import REDUCTIONS, pseudo_group_contrast
from ..method import Method, Progress, Step, Views, setting
from ..queues import ClassQueues, rank_within_class
from ..rows import Rows


@dataclasses.dataclass(kw_only=True, eq=False)
class SelfTuning(Method):
    """Cross-entropy on labels, and Pseudo Group Contrast on labelled and pseudo-labelled rows alike.

    Per step: queries are projected student features, keys come from an EMA copy of student and projector,
    and a row is pulled to the keys of its (pseudo-)class in queues that both streams share.
    Keys are enqueued and the copy moves once an optimizer step, so that a step may be cut into micro-batches.
    """

    title: ClassVar[str] = "Self-Tuning"
    paper: ClassVar[str] = "https://arxiv.org/abs/2102.12903"
    needs_unlabeled: ClassVar[bool] = False
    family: ClassVar[str] = "ours"
    presets: ClassVar = {
        "paper": {},
        "images": {
            "momentum": 0.99, "projector_dim": 256, "warmup_ratio": 0.5, "key_view": "weak", "teacher_labels": True,
            "publish_order": False,
        },
        "words": {
            "temperature": 0.2, "labeled_weight": 0.2, "unlabeled_weight": 0.2, "momentum": 0.99,
            "projector_dim": 128, "warmup_ratio": 0.5, "query_view": "weak", "key_view": "weak",
            "publish_order": False,
        },
    }  # fmt: skip

    queue_size: int = setting(32, "keys kept a class (D)")
    temperature: float = setting(0.07, "temperature of the contrast (tau)")
    projector_dim: int = setting(1024, "width of the projection h")
    momentum: float = setting(0.999, "momentum of the key encoder, applied once an optimizer step")
    labeled_weight: float = setting(1.0, "weight of the contrast of labelled rows; 0 is an ablation of the paper")
    unlabeled_weight: float = setting(1.0, "weight of the contrast of unlabelled rows; 0 is an ablation of the paper")
    pseudo_label_weight: float = setting(
        0.0,
        "weight of plain cross-entropy with the pseudo-labels; 1 with both contrasts at 0 is the paper's 'w/ CE'",
    )
    threshold: float | None = setting(None, "least confidence of a pseudo-label that is used; None uses all")
    warmup_ratio: float = setting(
        0.0, "share of the steps with cross-entropy alone, the key encoder copied at its end"
    )
    max_rows_per_class: int | None = setting(None, "queries of a class in a micro-batch; None takes all")
    reduction: str = setting("mean_log", "mean_log (equation 2) or log_sum (positives compete)")
    group: bool = setting(True, "contrast with the class's keys; False is the paper's CL, own key only")
    shared_queues: bool = setting(True, "one set of queues for both streams; False is an ablation of the paper")
    teacher_labels: bool = setting(False, "pseudo-labels from the key encoder rather than from the student")
    query_view: str = setting("strong", "view of unlabelled queries: weak or strong")
    key_view: str = setting("strong", "view of keys: weak or strong")
    publish_order: bool = setting(
        True, "labelled keys enter before the unlabelled loss, as published; a step should then not be cut"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"reduction={self.reduction!r} is unknown; take one of {', '.join(REDUCTIONS)}.")
        if not 0 <= self.warmup_ratio < 1:
            raise ValueError(f"warmup_ratio={self.warmup_ratio} leaves no step to Self-Tuning; it must be in [0, 1).")
        if self.temperature <= 0 or self.queue_size < 1:
            raise ValueError(
                f"temperature={self.temperature} and queue_size={self.queue_size} must be positive; "
                "the paper has 0.07 and 32."
            )
        if not 0 <= self.momentum <= 1 or not 0 <= (self.threshold or 0) <= 1:
            raise ValueError(
                f"momentum={self.momentum} and threshold={self.threshold} must lie in [0, 1]; "
                "the paper has 0.999 and none."
            )
        for name, kind in (("query_view", self.query_view), ("key_view", self.key_view)):
            if kind not in ("weak", "strong"):
                raise ValueError(f"{name}={kind!r} is unknown; take weak or strong.")

    def views(self, labeled_view: str) -> Views:
        """The supervised view is the labelled query; keys are a second draw."""
        key = f"{self.key_view}.1"
        return Views((labeled_view, key), (f"{self.query_view}.0", key))

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """Projector, key encoder and queues; the key encoder starts as the student."""
        self.projector = nn.Linear(feature_dim, self.projector_dim)
        self.key_encoder = EmaCopy(student)
        self.key_projector = EmaCopy(self.projector)
        names = ["labeled"] if self.shared_queues else ["labeled", "unlabeled"]
        self.queues = nn.ModuleDict({n: ClassQueues(num_classes, self.queue_size, self.projector_dim) for n in names})
        self.reset_step()

    def reset_step(self) -> None:
        """Drop the keys that wait for the end of the step."""
        self.waiting: dict[str, list[tuple[Tensor, Tensor]]] = {"labeled": [], "unlabeled": []}

    def warmup_steps(self, total: int) -> int:
        """How many of `total` steps train with cross-entropy alone."""
        return math.ceil(self.warmup_ratio * total)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pgc_labeled`, `pgc_unlabeled`, and `pseudo_label` where it has a weight."""
        if step.progress.step < self.warmup_steps(step.progress.total):
            return {}
        terms = self._labeled(step)
        if step.has_unlabeled:
            terms |= self._unlabeled(step)
        return terms

    def _labeled(self, step: Step) -> dict[str, Tensor]:
        rows = step.student("labeled", step.labeled_view)
        losses = self._contrast(step, "labeled", rows, self._keys(step, "labeled")[1], step.labels, step.labels)
        return {"pgc_labeled": self.labeled_weight * step.mean("labeled", losses)} if self.labeled_weight else {}

    def _unlabeled(self, step: Step) -> dict[str, Tensor]:
        student = step.student("unlabeled", f"{self.query_view}.0")
        teacher, keys = self._keys(step, "unlabeled")
        source = teacher.logits if self.teacher_labels else student.logits.detach()
        confidence, labels = source.float().softmax(1).max(1)
        used = confidence >= (self.threshold or 0)
        step.report_pseudo_labels(labels, used)
        losses = self._contrast(step, "unlabeled", student, keys, labels, torch.where(used, labels, -1)) * used
        terms = {}
        if self.unlabeled_weight:
            terms["pgc_unlabeled"] = self.unlabeled_weight * step.mean("unlabeled", losses)
        if self.pseudo_label_weight:
            plain = F.cross_entropy(student.logits.float(), labels, reduction="none") * used
            terms["pseudo_label"] = self.pseudo_label_weight * step.mean("unlabeled", plain)
        return terms

    def _keys(self, step: Step, stream: str) -> tuple[Rows, Tensor]:
        with torch.no_grad():
            rows = step.through(self.key_encoder.module, stream, f"{self.key_view}.1")
        return rows, F.normalize(self.key_projector(rows.features).float(), dim=1)

    def _contrast(
        self, step: Step, stream: str, rows: Rows, keys: Tensor, labels: Tensor, enqueued_as: Tensor
    ) -> Tensor:
        queues = self._queues_of(stream)
        queries = F.normalize(self.projector(rows.features).float(), dim=1)
        # In the published order keys are written before the backward pass, which needs the queue as it was.
        queue = queues.read().clone() if self.publish_order else queues.read()
        losses = pseudo_group_contrast(
            queries, keys, labels, queue, queues.filled,
            temperature=self.temperature, reduction=REDUCTIONS[self.reduction], group=self.group,
        )  # fmt: skip
        self.waiting[stream].append((keys, enqueued_as))
        if self.publish_order:
            self._enqueue(stream)
        return losses * self._kept(labels, queues.num_classes)

    def _kept(self, labels: Tensor, num_classes: int) -> Tensor:
        """Weights of the rows (n,): the mean over all rows becomes the mean over those under the cap."""
        if self.max_rows_per_class is None:
            return torch.ones_like(labels, dtype=torch.float32)
        kept = rank_within_class(labels, num_classes) < self.max_rows_per_class
        return kept * (len(labels) / kept.sum().clamp(min=1))

    def _queues_of(self, stream: str) -> ClassQueues:
        queues = self.queues["labeled" if self.shared_queues else stream]
        assert isinstance(queues, ClassQueues)
        return queues

    def _enqueue(self, stream: str) -> None:
        queues = self._queues_of(stream)
        for keys, labels in self.waiting[stream]:
            queues.enqueue(gather_rows(keys), gather_rows(labels))
        self.waiting[stream] = []

    def after_step(self, student: nn.Module, progress: Progress) -> None:
        """Enqueue labelled keys, then unlabelled ones; move the key encoder, or copy it when the warm-up ends."""
        for stream in self.waiting:
            self._enqueue(stream)
        if progress.step == self.warmup_steps(progress.total):
            self.key_encoder.restart(student)
            self.key_projector.restart(self.projector)
        elif progress.step > self.warmup_steps(progress.total):
            self.key_encoder.update(student, self.momentum)
            self.key_projector.update(self.projector, self.momentum)
