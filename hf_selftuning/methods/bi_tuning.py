"""Bi-Tuning of pre-trained representations (Zhong et al., 2020), https://arxiv.org/abs/2011.06182."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, positive, setting, share
from ..core.step import VIEW_KINDS, Preparation, Progress, Step, Views
from ..distributed import gather_rows
from ..functional.losses import pseudo_group_contrast
from ..modules.classifier import linear_weights
from ..modules.ema import EmaCopy
from ..modules.queues import ClassQueues


@dataclasses.dataclass(kw_only=True, eq=False)
class BiTuning(Method):
    """Two contrasts of labelled rows beside the cross-entropy: of the classifier's weights, and of projections.

    L = w_c PGC(w_y, features of class y, 1 / T) + w_p PGC(h(f), h(f_k) of class y): a row's class vector finds the
    queued features of its class, and its projection the queued keys of its class. PGC is the group contrast that
    Self-Tuning took over for pseudo-labels.
    """

    title: ClassVar[str] = "Bi-Tuning"
    paper: ClassVar[str] = "https://arxiv.org/abs/2011.06182"
    needs_unlabeled: ClassVar[bool] = False
    presets: ClassVar = {
        "paper": {},
        "words": {"temperature": 0.2, "classifier_weight": 0.2, "projector_weight": 0.2, "warmup_ratio": 0.5},
    }

    queue_size: int = positive(40, "keys kept a class (K)")
    temperature: float = positive(0.07, "temperature of both contrasts (tau)")
    projector_dim: int = positive(128, "width of the projection")
    momentum: float = share(0.999, "momentum of the key encoder, applied once an optimizer step")
    classifier_weight: float = setting(1.0, "weight of the contrastive cross-entropy")
    projector_weight: float = setting(1.0, "weight of the categorical contrast")
    key_view: str = choice("weak", VIEW_KINDS, "view of the keys: weak or strong")

    def views(self, labeled_view: str) -> Views:
        """The supervised view is the query; keys are a second draw."""
        return Views((labeled_view, f"{self.key_view}.1"))

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """Projector, key encoder and a queue for either contrast."""
        self.projector = nn.Linear(feature_dim, self.projector_dim)
        self.key_encoder = EmaCopy(student)
        self.key_projector = EmaCopy(self.projector)
        self.features = ClassQueues(num_classes, self.queue_size, feature_dim + 1)
        self.projections = ClassQueues(num_classes, self.queue_size, self.projector_dim)
        self.reset_step()

    def reset_step(self) -> None:
        """Drop the keys that wait for the end of the step."""
        super().reset_step()
        self.waiting: list[tuple[Tensor, Tensor, Tensor]] = []

    def prepare(self, preparation: Preparation) -> None:
        """The key encoder starts as the student, whose head may have been probed since."""
        self.key_encoder.restart(preparation.student)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`contrast_classifier` and `contrast_projector`."""
        rows, labels = step.student("labeled", step.labeled_view), step.labels
        with torch.no_grad():
            keys = step.through(self.key_encoder.module, "labeled", f"{self.key_view}.1").features
        key_projections = F.normalize(self.key_projector(keys).float(), dim=1)
        self.waiting.append((with_bias(keys), key_projections, labels))
        projections = F.normalize(self.projector(rows.features).float(), dim=1)
        classes = F.normalize(self._classifier(step)[labels], dim=1)
        by_class = self._contrast(classes, with_bias(rows.features), labels, self.features)
        by_projection = self._contrast(projections, key_projections, labels, self.projections)
        return {
            "contrast_classifier": self.classifier_weight * step.mean("labeled", by_class),
            "contrast_projector": self.projector_weight * step.mean("labeled", by_projection),
        }

    def _contrast(self, queries: Tensor, keys: Tensor, labels: Tensor, queue: ClassQueues) -> Tensor:
        return pseudo_group_contrast(queries, keys, labels, queue.read(), queue.filled, temperature=self.temperature)

    def _classifier(self, step: Step) -> Tensor:
        """Weights and bias of the classes (c, d + 1), with their gradients."""
        weight, bias = linear_weights(step.module(self.heads[0]))
        return torch.cat([weight, bias[:, None]], dim=1).float()

    def after_step(self, student: nn.Module, progress: Progress) -> None:
        """Enqueue the keys of all ranks, then move the key encoder."""
        super().after_step(student, progress)
        for features, projections, labels in self.waiting:
            everyone = gather_rows(labels)
            self.features.enqueue(gather_rows(features), everyone)
            self.projections.enqueue(gather_rows(projections), everyone)
        self.reset_step()
        since = self.steps_since_warmup(progress)
        self.key_encoder.follow(student, self.momentum, since)
        self.key_projector.follow(self.projector, self.momentum, since)


def with_bias(features: Tensor) -> Tensor:
    """Features (n, d) with a 1 behind, which the bias meets, at unit length (n, d + 1)."""
    return F.normalize(F.pad(features.float(), (0, 1), value=1.0), dim=1)
