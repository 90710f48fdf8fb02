"""Bi-Tuning of pre-trained representations (Zhong et al., 2020), https://arxiv.org/abs/2011.06182."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative, positive, share
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.losses import pseudo_group_contrast
from ..modules.classifier import linear_weights
from ..modules.ema import EmaCopy
from ..modules.queues import ClassQueues


@dataclasses.dataclass(kw_only=True, eq=False)
class BiTuning(Method):
    """Two contrasts of labelled rows beside the cross-entropy: of the classifier's weights, and of projections.

    L = w_c PGC(w_y, features of class y) + w_p PGC(h(f), h(f_k) of class y). The weights w_y of a row's class are
    pulled to the queued features of that class, and the row's projection to the queued keys of that class. PGC is
    the group contrast that Self-Tuning applies to pseudo-labels too.
    """

    title: ClassVar[str] = "Bi-Tuning"
    paper: ClassVar[str] = "https://arxiv.org/abs/2011.06182"
    needs_unlabeled: ClassVar[bool] = False
    presets: ClassVar = {
        "paper": {},
        "words": {"temperature": 0.2, "classifier_weight": 0.2, "projector_weight": 0.2, "warmup_ratio": 0.5},
        "texts": {"temperature": 0.2, "classifier_weight": 0.2, "projector_weight": 0.2, "warmup_ratio": 0.5},
    }

    queue_size: int = positive(40, "keys kept for each class (K)")
    temperature: float = positive(0.07, "temperature of both contrasts (tau)")
    projector_dim: int = positive(128, "width of the projection")
    momentum: float = share(0.999, "momentum of the key encoder, for each optimizer step")
    classifier_weight: float = non_negative(1.0, "weight of the contrastive cross-entropy")
    projector_weight: float = non_negative(1.0, "weight of the categorical contrast")
    key_view: str = choice("weak", VIEW_KINDS, "view of the keys: weak or strong")

    def views(self) -> Views:
        """A second draw for the keys; queries see the supervised view."""
        return Views(labeled=(f"{self.key_view}.1",))

    def build(self, context: BuildContext) -> None:
        """Projector, key encoder, and queues for each contrast."""
        self.heads = context.heads
        self.projector = nn.Linear(context.width, self.projector_dim)
        self.key_encoder = EmaCopy(context.student, self.momentum)
        self.key_projector = EmaCopy(self.projector, self.momentum)
        # One more than the width for the bias, see `with_bias`.
        self.features = ClassQueues(context.classes, self.queue_size, context.width + 1)
        self.projections = ClassQueues(context.classes, self.queue_size, self.projector_dim)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`contrast_classifier` and `contrast_projector`."""
        rows, labels = step.student("labeled", step.labeled_view), step.labels
        with torch.no_grad():
            keys = step.through(self.key_encoder.module, "labeled", f"{self.key_view}.1").features
        key_projections = F.normalize(self.key_projector(keys).float(), dim=1)
        # Enqueued after the step: the contrast below adds the keys of its own rows by itself.
        self.features.wait(with_bias(keys), labels)
        self.projections.wait(key_projections, labels)
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


def with_bias(features: Tensor) -> Tensor:
    """Features (n, d) with a 1 appended, which multiplies the bias, scaled to unit length (n, d + 1)."""
    return F.normalize(F.pad(features.float(), (0, 1), value=1.0), dim=1)
