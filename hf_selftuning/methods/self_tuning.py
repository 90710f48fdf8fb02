"""Self-Tuning for Data-Efficient Deep Learning (Wang et al., ICML 2021), https://arxiv.org/abs/2102.12903."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, positive, setting, share, threshold_setting
from ..core.preparation import BuildContext, Preparation
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.losses import REDUCTIONS, greatest_similarity, pseudo_group_contrast
from ..functional.soft_labels import SMALLEST, combine
from ..modules.classifier import Rows
from ..modules.ema import EmaCopy
from ..modules.labeler import ALIGNMENTS, CLASS_THRESHOLDS, Labeler
from ..modules.pool_memory import PoolMemory
from ..modules.queues import ClassQueues, rank_within_class

TURNS = {"labeled": 0, "unlabeled": 1}
"""Labelled keys of a whole step are enqueued before the unlabelled ones, however the step is cut."""


@dataclasses.dataclass(kw_only=True, eq=False)
class SelfTuning(Method):
    """Cross-entropy on labels, and Pseudo Group Contrast on labelled and pseudo-labelled rows alike.

    L = CE(y, p(x)) + w_l PGC(x, y) + w_u PGC(u, argmax p(u)), PGC being equation (2) of `pseudo_group_contrast`.
    Queries are projected features of the student, and keys come from an EMA copy of student and projector.
    A row is pulled to the keys of its (pseudo-)class in queues that both streams share. Keys are enqueued and the
    copy moves after each optimizer step, so that a step may be cut into micro-batches.
    """

    title: ClassVar[str] = "Self-Tuning"
    paper: ClassVar[str] = "https://arxiv.org/abs/2102.12903"
    needs_unlabeled: ClassVar[bool] = False
    queues_pseudo_labels: ClassVar[bool] = True
    family: ClassVar[str] = "ours"
    presets: ClassVar = {
        "paper": {},
        "images": {
            "momentum": 0.99, "projector_dim": 256, "warmup_ratio": 0.5, "key_view": "weak", "teacher_labels": True,
            "publish_order": False,
        },
        "photos": {
            "momentum": 0.99, "projector_dim": 256, "warmup_ratio": 0.1, "key_view": "weak", "teacher_labels": True,
            "publish_order": False, "start": "probe",
        },
        "pool": {
            "momentum": 0.99, "projector_dim": 256, "warmup_ratio": 0.1, "key_view": "weak", "teacher_labels": True,
            "publish_order": False, "start": "propagate", "pool_share": 0.5, "propagate_every": 50,
        },
        "words": {
            "temperature": 0.2, "labeled_weight": 0.2, "unlabeled_weight": 0.2, "momentum": 0.99,
            "projector_dim": 128, "warmup_ratio": 0.5, "query_view": "weak", "key_view": "weak",
            "publish_order": False,
        },
        "generation": {
            "temperature": 0.2, "labeled_weight": 0.5, "unlabeled_weight": 0.5, "momentum": 0.99,
            "projector_dim": 128, "query_view": "weak", "key_view": "weak", "publish_order": False,
            "taught_labels": True,
        },
        "texts": {
            "temperature": 0.2, "labeled_weight": 0.2, "unlabeled_weight": 0.2, "momentum": 0.99,
            "projector_dim": 128, "warmup_ratio": 0.5, "query_view": "weak", "key_view": "weak",
            "publish_order": False, "start": "propagate",
        },
    }  # fmt: skip

    queue_size: int = positive(32, "keys kept for each class (D)")
    temperature: float = positive(0.07, "temperature of the contrast (tau)")
    projector_dim: int = positive(1024, "width of the projection h")
    momentum: float = share(
        0.999, "momentum, for each step, of the key encoder and of the means for `alignment` and `class_thresholds`"
    )
    labeled_weight: float = setting(1.0, "weight of the contrast of labelled rows; 0 is an ablation of the paper")
    unlabeled_weight: float = setting(1.0, "weight of the contrast of unlabelled rows; 0 is an ablation of the paper")
    pseudo_label_weight: float = setting(
        0.0,
        "weight of plain cross-entropy with the pseudo-labels; 1 with both contrasts at 0 is the paper's 'w/ CE'",
    )
    threshold: float | None = threshold_setting(None, "least confidence of a pseudo-label that is used; None uses all")
    max_rows_per_class: int | None = positive(
        None, "greatest number of queries of a class in a micro-batch; None takes all"
    )
    reduction: str = choice("mean_log", tuple(REDUCTIONS), "mean_log (equation 2) or log_sum (positives compete)")
    group: bool = setting(True, "contrast with the class's keys; False is the paper's CL, own key only")
    shared_queues: bool = setting(True, "one set of queues for both streams; False is an ablation of the paper")
    teacher_labels: bool = setting(False, "pseudo-labels from the key encoder rather than from the student")
    taught_labels: bool = setting(
        False, "pseudo-labels from the teachers of `generation`, which trains beside, rather than from the student"
    )
    query_view: str = choice("strong", VIEW_KINDS, "view of unlabelled queries: weak or strong")
    key_view: str = choice("strong", VIEW_KINDS, "view of keys: weak or strong")
    alignment: str = choice(
        "none",
        ALIGNMENTS,
        "running subtracts the log of the mean prediction from the logits, labeled also adds that of the labels",
    )
    class_thresholds: str = choice(
        "none", CLASS_THRESHOLDS, "a threshold for each class: none, flexmatch or freematch"
    )
    confidence_weights: bool = setting(False, "weigh each unlabelled query by the probability of its pseudo-label")
    open_set_similarity: float | None = setting(
        None, "least cosine of an unlabelled query with any queued key; None takes all"
    )
    publish_order: bool = setting(
        True, "enqueue labelled keys before the unlabelled loss, as published; then a step should not be cut"
    )
    pool_share: float = share(
        0.0, "share that the prediction of start=propagate for an example has in its pseudo-label, 0 to 1"
    )
    propagate_every: int | None = positive(
        None, "steps after which labels are propagated again, over the key encoder's newest features; None never"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.class_thresholds == "flexmatch" and self.threshold is None:
            raise ValueError(
                "class_thresholds=flexmatch scales a threshold, and threshold is None; give threshold=0.95, or take "
                "freematch, which finds its own."
            )
        wanted = [name for name in ("pool_share", "propagate_every") if getattr(self, name)]
        if wanted and self.start != "propagate":
            raise ValueError(
                f"{wanted[0]} uses what start=propagate finds out about the pool, and start is {self.start}; add "
                f"start=propagate, or leave {wanted[0]} out."
            )

    def views(self) -> Views:
        """A second draw of each stream for the keys; the supervised view is the labelled query."""
        key = f"{self.key_view}.1"
        return Views((key,), (f"{self.query_view}.0", key))

    def build(self, context: BuildContext) -> None:
        """Projector, key encoder and queues; the key encoder starts as the student."""
        self.projector = nn.Linear(context.width, self.projector_dim)
        self.key_encoder = EmaCopy(context.student, self.momentum)
        self.key_projector = EmaCopy(self.projector, self.momentum)
        names = ["labeled"] if self.shared_queues else ["labeled", "unlabeled"]
        self.labeler = Labeler(
            context.classes, momentum=self.momentum, threshold=self.threshold or 0.0,
            alignment=self.alignment, class_thresholds=self.class_thresholds,
        )  # fmt: skip
        if self.pool_share:
            self.pool = PoolMemory(
                context.labeled, context.unlabeled, context.classes, context.width, self.propagate_every
            )
        sizes = context.classes, self.queue_size, self.projector_dim
        self.queues = nn.ModuleDict({name: ClassQueues(*sizes) for name in names})

    def prepare(self, preparation: Preparation) -> None:
        """Take over what `start=propagate` found out about the pool: labels by example."""
        spread = preparation.spread
        if spread is None or not self.pool_share:
            return
        if len(spread.pool.examples.unique()) < len(spread.pool.examples):
            raise ValueError(
                "pool_share keeps one prediction for each example, and here examples have several rows (words of "
                "a sentence); leave pool_share out, the start itself works for words too."
            )
        self.pool.learn(spread.pool.examples, spread.predictions)
        self.pool.remember(spread.pool.examples, spread.pool.features)
        self.pool.remember(spread.labeled.examples, spread.labeled.features, spread.labeled.labels)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pgc_labeled`, `pgc_unlabeled`, and `pseudo_label` if it has a weight."""
        terms = self._labeled(step)
        if step.has_unlabeled:
            terms |= self._unlabeled(step)
        return terms

    def _labeled(self, step: Step) -> dict[str, Tensor]:
        self.labeler.observe_labels(step.labels)
        queries = self._queries(step.student("labeled", step.labeled_view))
        teacher, keys = self._keys(step, "labeled")
        if self.pool_share:
            self.pool.observe(step.examples("labeled"), teacher.features, step.labels)
        losses = self._contrast("labeled", queries, keys, step.labels, step.labels)
        return {"pgc_labeled": self.labeled_weight * step.mean("labeled", losses)} if self.labeled_weight else {}

    def _unlabeled(self, step: Step) -> dict[str, Tensor]:
        student = step.student("unlabeled", f"{self.query_view}.0")
        teacher, keys = self._keys(step, "unlabeled")
        queries = self._queries(student)
        logits = teacher.logits if self.teacher_labels else student.logits
        logits = combine(step.taught, "average").clamp(min=SMALLEST).log() if self.taught_labels else logits
        guess = self.labeler(self._with_pool(step, logits, teacher.features))
        labels, used = guess.labels, guess.used & self._familiar(queries)
        step.report_pseudo_labels(labels, used)
        weights = used * guess.confidence if self.confidence_weights else used
        losses = self._contrast("unlabeled", queries, keys, labels, torch.where(used, labels, -1)) * weights
        terms = {}
        if self.unlabeled_weight:
            terms["pgc_unlabeled"] = self.unlabeled_weight * step.mean("unlabeled", losses)
        if self.pseudo_label_weight:
            plain = F.cross_entropy(student.logits.float(), labels, reduction="none") * weights
            terms["pseudo_label"] = self.pseudo_label_weight * step.mean("unlabeled", plain)
        return terms

    def _with_pool(self, step: Step, logits: Tensor, features: Tensor) -> Tensor:
        """The network's logits and the pool's prediction for the same examples, combined by a geometric mean."""
        if not self.pool_share:
            return logits
        examples = step.examples("unlabeled")
        self.pool.observe(examples, features)
        return self.pool.mixed(logits, examples, self.pool_share)

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The labeler's, from the student's logits even if training labels by the key encoder."""
        guess = self.labeler.label(logits)
        return guess.labels, guess.used

    def _keys(self, step: Step, stream: str) -> tuple[Rows, Tensor]:
        with torch.no_grad():
            rows = step.through(self.key_encoder.module, stream, f"{self.key_view}.1")
        return rows, F.normalize(self.key_projector(rows.features).float(), dim=1)

    def _queries(self, rows: Rows) -> Tensor:
        return F.normalize(self.projector(rows.features).float(), dim=1)

    def _familiar(self, queries: Tensor) -> Tensor:
        """Which rows (n,) lie near a queued key of any class; the others may be of no known class."""
        if self.open_set_similarity is None:
            return torch.ones(len(queries), dtype=torch.bool, device=queries.device)
        all_queues = [self._queues_of(stream) for stream in self.queues]
        nearest = [greatest_similarity(queries, queues.read(), queues.filled) for queues in all_queues]
        return torch.stack(nearest).amax(0) >= self.open_set_similarity

    def _contrast(self, stream: str, queries: Tensor, keys: Tensor, labels: Tensor, enqueued_as: Tensor) -> Tensor:
        queues = self._queues_of(stream)
        # In the published order keys are enqueued before the backward pass, which needs the queue as it was.
        queue = queues.read().clone() if self.publish_order else queues.read()
        losses = pseudo_group_contrast(
            queries, keys, labels, queue, queues.filled,
            temperature=self.temperature, reduction=REDUCTIONS[self.reduction], group=self.group,
        )  # fmt: skip
        if self.publish_order:
            queues.enqueue_all_ranks(keys, enqueued_as)
        else:
            queues.wait(keys, enqueued_as, turn=TURNS[stream])
        return losses * self._kept(labels, queues.num_classes)

    def _kept(self, labels: Tensor, num_classes: int) -> Tensor:
        """Weights of the rows (n,), with which the mean over all rows is the mean over `max_rows_per_class`."""
        if self.max_rows_per_class is None:
            return torch.ones_like(labels, dtype=torch.float32)
        kept = rank_within_class(labels, num_classes) < self.max_rows_per_class
        return kept * (len(labels) / kept.sum().clamp(min=1))

    def _queues_of(self, stream: str) -> ClassQueues:
        queues = self.queues["labeled" if self.shared_queues else stream]
        assert isinstance(queues, ClassQueues)
        return queues
