"""SimMatch (Zheng et al., CVPR 2022), https://arxiv.org/abs/2203.06915."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, positive, share, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.instance_similarity import aggregated, instance_similarity, unfolded
from ..functional.losses import soft_cross_entropy
from ..functional.pseudo_labels import align
from ..modules.projector import projector
from ..modules.queues import ClassQueues
from ..modules.running_mean import RunningMean, uniform


@dataclasses.dataclass(kw_only=True, eq=False)
class SimMatch(Method):
    """A strong view matches the classes of the weak one, and the labelled examples that the weak one is similar to.

    L = w_u mean_n 1[max q >= threshold] CE(q, p(u_strong)) + w_in mean_n CE(s', s(u_strong)). s is the softmax of the
    cosines of projections with those of labelled examples, over t. q = smoothing p + (1 - smoothing) times the sum of
    s(u) by class, where p is the weak prediction after distribution alignment. s' is s(u) times p of each example's
    class, normalised. The paper keeps one projection of each labelled example. Here the queue of each class holds the
    last `queue_size`, which needs no index of examples and so works for words too.
    """

    title: ClassVar[str] = "SimMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2203.06915"
    presets: ClassVar = {
        "paper": {},
        "images": {"warmup_ratio": 0.5},
        "words": {"warmup_ratio": 0.5},
        "texts": {"warmup_ratio": 0.5},
    }

    threshold: float = threshold_setting(0.95, "least confidence of a label that is used (tau)")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (lambda_u)")
    instance_weight: float = non_negative(1.0, "weight of the similarities with labelled examples (lambda_in)")
    temperature: float = positive(0.1, "temperature of the similarities (t)")
    smoothing: float = share(0.9, "share of the prediction in a label; the similarities have the rest (alpha)")
    queue_size: int = positive(16, "labelled projections kept for each class")
    projector_dim: int = positive(128, "width of the projection")
    momentum: float = share(0.94, "momentum of the mean prediction; its mean age is that of the paper's 32 batches")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """The projector, the memory of labelled projections, and the mean prediction."""
        self.projector = projector(context.width, self.projector_dim, 2)
        self.memory = ClassQueues(context.classes, self.queue_size, self.projector_dim)
        self.prediction = RunningMean(uniform(context.classes), self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`, `instance`."""
        strong = step.student("unlabeled", "strong.0")
        # With gradients, so that the supervised loss uses this pass too.
        labeled = step.student("labeled", step.labeled_view)
        self.memory.wait(self._projected(labeled.features), step.labels)
        predictions, targets, matches = self._targets(step)
        confidence, labels = targets.max(1)
        used = confidence >= self.threshold
        step.report_pseudo_labels(labels, used)
        pseudo_label = step.mean("unlabeled", soft_cross_entropy(strong.logits, targets) * used)
        similarity = self._similarity(self._projected(strong.features))
        instance = step.mean("unlabeled", -(unfolded(matches, predictions, self._classes) * similarity).sum(1))
        return {"pseudo_label": self.weight * pseudo_label, "instance": self.instance_weight * instance}

    @torch.no_grad()
    def _targets(self, step: Step) -> tuple[Tensor, Tensor, Tensor]:
        """Predictions (n, c), smoothed predictions (n, c) and similarities (n, m) of the weak view."""
        weak = step.guess("unlabeled", "weak.0")
        predictions = align(weak.logits, self.prediction.value).softmax(1)
        self.prediction.observe(weak.logits.float().softmax(1))
        filled = self.memory.filled.flatten()
        matches = self._similarity(self._projected(weak.features)).exp() * filled
        by_class = aggregated(matches, self._classes, predictions.shape[1])
        mixed = self.smoothing * predictions + (1 - self.smoothing) * by_class
        return predictions, torch.where(filled.any(), mixed, predictions), matches

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The labels of the aligned predictions; without features there are no similarities to smooth them with."""
        confidence, labels = align(logits.detach(), self.prediction.value).softmax(1).max(1)
        return labels, confidence >= self.threshold

    @property
    def _classes(self) -> Tensor:
        """The class of each slot of the memory (m,)."""
        return torch.arange(self.memory.num_classes, device=self.memory.keys.device).repeat_interleave(self.queue_size)

    def _projected(self, features: Tensor) -> Tensor:
        return F.normalize(self.projector(features).float(), dim=1)

    def _similarity(self, rows: Tensor) -> Tensor:
        keys, filled = self.memory.read().flatten(0, 1), self.memory.filled.flatten()
        return instance_similarity(rows, keys, filled, temperature=self.temperature)
