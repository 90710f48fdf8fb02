"""Self-Tuning for Data-Efficient Deep Learning (Wang et al., ICML 2021), https://arxiv.org/abs/2102.12903."""

import dataclasses
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative, positive, setting, share, threshold_setting
from ..core.preparation import BuildContext, Preparation
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.combined_teachers import SMALLEST, combine
from ..functional.losses import REDUCTIONS, greatest_similarity
from ..modules.ema import EmaCopy
from ..modules.labeler import ALIGNMENTS, CLASS_THRESHOLDS, Labeler
from ..modules.pool_memory import PoolMemory
from ..modules.projected_passes import Passes, projected
from ..modules.queue_contrast import ContrastRows, contrast_with_queues
from ..modules.queues import ClassQueues, rank_within_class

TURNS = {"labeled": 0, "unlabeled": 1}
"""Labelled keys of a whole step are enqueued before the unlabelled ones, however the step is cut."""
WITHOUT_SPREAD = {"pool_share": 0.0, "propagate_every": None}
"""The settings that use what `start=propagate` finds out about the pool, and their values without it."""


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
            "projector_dim": 128, "warmup_ratio": 0.1, "query_view": "weak", "key_view": "weak",
            "teacher_labels": True, "publish_order": False, "start": "propagate", "pool_share": 0.5,
        },
        "few_texts": {
            "temperature": 0.2, "labeled_weight": 0.2, "unlabeled_weight": 0.2, "momentum": 0.99,
            "projector_dim": 128, "warmup_ratio": 0.1, "query_view": "weak", "key_view": "weak",
            "publish_order": False, "start": "propagate", "pool_share": 1.0, "pseudo_label_weight": 1.0,
        },
    }  # fmt: skip

    queue_size: int = positive(32, "keys kept for each class (D)")
    temperature: float = positive(0.07, "temperature of the contrast (tau)")
    projector_dim: int = positive(1024, "width of the projection h")
    momentum: float = share(
        0.999, "momentum, for each step, of the key encoder and of the means for `alignment` and `class_thresholds`"
    )
    labeled_weight: float = non_negative(1.0, "weight of the contrast of labelled rows; 0 is an ablation of the paper")
    unlabeled_weight: float = non_negative(
        1.0, "weight of the contrast of unlabelled rows; 0 is an ablation of the paper"
    )
    pseudo_label_weight: float = non_negative(
        0.0,
        "weight of plain cross-entropy with the pseudo-labels; 1 with both contrasts at 0 is the paper's 'w/ CE'",
    )
    threshold: float | None = threshold_setting(None, "least confidence of a pseudo-label that is used; None uses all")
    max_rows_per_class: int | None = positive(
        None, "greatest number of queries of a class in a micro-batch, used ones first; None takes all"
    )
    reduction: str = choice("mean_log", tuple(REDUCTIONS), "mean_log (equation 2) or log_sum (positives compete)")
    group: bool = setting(True, "contrast with the class's keys; False is the paper's CL, own key only")
    shared_queues: bool = setting(True, "one set of queues for both streams; False is an ablation of the paper")
    teacher_labels: bool = setting(False, "pseudo-labels from the key encoder rather than from the student")
    taught_labels: bool = setting(
        False, "pseudo-labels from the teachers of `generation`, which trains beside; they replace all others"
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

    @classmethod
    def from_preset(cls, preset: str, **settings: Any) -> Method:
        """As of every method; with another start, the preset's settings that need `start=propagate` are off."""
        if settings.get("start", "propagate") != "propagate":
            settings = {**WITHOUT_SPREAD, "pseudo_label_weight": 0.0, **settings}
        return super().from_preset(preset, **settings)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.class_thresholds == "flexmatch" and self.threshold is None:
            raise ValueError(
                "class_thresholds=flexmatch scales a threshold, and threshold is None; give threshold=0.95, or take "
                "freematch, which finds its own."
            )
        wanted = [name for name in WITHOUT_SPREAD if getattr(self, name)]
        if wanted and self.start != "propagate":
            raise ValueError(
                f"{wanted[0]} uses what start=propagate finds out about the pool, and start is {self.start}; add "
                f"start=propagate, or leave {wanted[0]} out."
            )
        if self.propagate_every and not self.pool_share:
            raise ValueError(
                f"propagate_every={self.propagate_every} renews the predictions that pool_share brings into "
                "pseudo-labels, and pool_share is 0; give pool_share=0.5, or propagate_every=None."
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
        self.pool.learn(spread.pool.examples, spread.predictions, clouds=spread.clouds)
        self.pool.remember(spread.pool.examples, spread.pool.features)
        self.pool.remember(spread.labeled.examples, spread.labeled.features, spread.labeled.labels)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pgc_labeled`, `pgc_unlabeled`, and `pseudo_label` if it has a weight."""
        terms: dict[str, Tensor] = {}
        passes = self._passes(step)
        waiting = [self._labeled(step, passes["labeled"])]
        contrasted = []
        if self.publish_order:
            # The labelled keys are in the queues before the unlabelled rows are compared with them.
            contrasted, waiting = self._contrast(waiting), []
        if step.has_unlabeled:
            rows, terms = self._unlabeled(step, passes["unlabeled"])
            waiting.append(rows)
        contrasted += self._contrast(waiting)
        shares = {"labeled": self.labeled_weight, "unlabeled": self.unlabeled_weight}
        contrasts = {
            f"pgc_{rows.stream}": shares[rows.stream] * step.mean(rows.stream, self._weighted(losses, rows))
            for rows, losses in contrasted
            if shares[rows.stream]
        }
        return contrasts | terms

    def _contrast(self, streams: list[ContrastRows]) -> list[tuple[ContrastRows, Tensor]]:
        losses = contrast_with_queues(
            streams, temperature=self.temperature, reduction=REDUCTIONS[self.reduction], group=self.group,
            publish_order=self.publish_order,
        )  # fmt: skip
        return list(zip(streams, losses, strict=True))

    def _passes(self, step: Step) -> dict[str, Passes]:
        """What student and key encoder make of each stream."""
        views = {"labeled": step.labeled_view, "unlabeled": f"{self.query_view}.0"}
        students, teachers = {}, {}
        for stream in ("labeled", "unlabeled") if step.has_unlabeled else ("labeled",):
            students[stream] = step.student(stream, views[stream])
            with torch.no_grad():
                teachers[stream] = step.through(self.key_encoder.module, stream, f"{self.key_view}.1")
        queries = projected(self.projector, list(students.values()))
        keys = projected(self.key_projector, list(teachers.values()))
        return {
            stream: Passes(students[stream], teachers[stream], *both)
            for stream, *both in zip(students, queries, keys, strict=True)
        }

    def _labeled(self, step: Step, passes: Passes) -> ContrastRows:
        self.labeler.observe_labels(step.labels)
        if self.pool_share:
            self.pool.observe(step.examples("labeled"), passes.teacher.features, step.labels)
        return self._rows("labeled", passes, step.labels, step.labels)

    def _unlabeled(self, step: Step, passes: Passes) -> tuple[ContrastRows, dict[str, Tensor]]:
        """The rows, and the term `pseudo_label` if it has a weight."""
        student, teacher = passes.student, passes.teacher
        logits = teacher.logits if self.teacher_labels else student.logits
        logits = combine(step.taught, "average").clamp(min=SMALLEST).log() if self.taught_labels else logits
        guess = self.labeler(self._with_pool(step, logits, teacher.features))
        labels, used = guess.labels, self._familiar(guess.used, passes.queries)
        step.report_pseudo_labels(labels, used)
        weights = used * guess.confidence if self.confidence_weights else used
        rows = self._rows("unlabeled", passes, labels, torch.where(used, labels, -1), weights)
        if not self.pseudo_label_weight:
            return rows, {}
        plain = F.cross_entropy(student.logits.float(), labels, reduction="none") * weights
        return rows, {"pseudo_label": self.pseudo_label_weight * step.mean("unlabeled", plain)}

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

    def _familiar(self, used: Tensor, queries: Tensor) -> Tensor:
        """Which of the used rows (n,) lie near a queued key of any class; the others may be of no known class."""
        if self.open_set_similarity is None:
            return used
        all_queues = [self._queues_of(stream) for stream in self.queues]
        nearest = [greatest_similarity(queries, queues.read(), queues.filled) for queues in all_queues]
        return used & (torch.stack(nearest).amax(0) >= self.open_set_similarity)

    def _weighted(self, losses: Tensor, rows: ContrastRows) -> Tensor:
        """Losses (n,) whose mean over all rows is the weighted mean over `max_rows_per_class`."""
        if self.max_rows_per_class is not None:
            # Rows below a threshold stand last, so that none takes the place of one that is used.
            order = (rows.enqueued_as < 0).int().argsort(stable=True)
            ranks = rank_within_class(rows.labels[order], rows.queues.num_classes)
            kept = torch.empty_like(ranks).scatter_(0, order, ranks) < self.max_rows_per_class
            losses = losses * (kept * (len(kept) / kept.sum().clamp(min=1)))
        return losses if rows.weights is None else losses * rows.weights

    def _rows(
        self, stream: str, passes: Passes, labels: Tensor, enqueued_as: Tensor, weights: Tensor | None = None
    ) -> ContrastRows:
        queues = self._queues_of(stream)
        return ContrastRows(stream, passes.queries, passes.keys, labels, enqueued_as, queues, TURNS[stream], weights)

    def _queues_of(self, stream: str) -> ClassQueues:
        queues = self.queues["labeled" if self.shared_queues else stream]
        assert isinstance(queues, ClassQueues)
        return queues
