"""Label propagation during training (Iscen et al., CVPR 2019), https://arxiv.org/abs/1904.04717."""

import dataclasses
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, positive, share
from ..core.preparation import BuildContext, Preparation
from ..core.step import Step, Views
from ..functional.diffused_labels import balancing_weights, diffused
from ..functional.label_propagation import certainty
from ..modules.pool_memory import PoolMemory


@dataclasses.dataclass(kw_only=True, eq=False)
class DeepLabelPropagation(Method):
    """The labels of the pool spread over the nearest neighbours of all examples, again and again as features change.

    L = mean_n z(y) CE(y, p(x)) + w mean_n z(y') c CE(y', p(u)) (equation 12), where y' is the class of the greatest
    propagated score of an unlabelled example, c = 1 - H / log C its certainty, and z(y) the inverse of the number of
    examples with that label or pseudo-label. Labels spread first over the pretrained features, and every so many steps
    over those that training computed last. An example keeps its pretrained features until training has seen it after
    the warm-up. The paper takes a pass over the pool each epoch for this.
    """

    title: ClassVar[str] = "Label propagation"
    paper: ClassVar[str] = "https://arxiv.org/abs/1904.04717"
    reads_pool: ClassVar[bool] = True
    presets: ClassVar = {"paper": {}, "images": {"warmup_ratio": 0.5}, "texts": {"warmup_ratio": 0.5}}
    without_meaning: ClassVar = {
        "words": "it keeps one label for each example, and a sentence has several words; take start=propagate"
    }

    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows")
    every: int = positive(100, "steps after which labels spread again; the paper does so each epoch")
    neighbors: int = positive(50, "nearest neighbours of an example (k)")
    exponent: float = positive(3.0, "power of the cosines in the graph (gamma)")
    mixing: float = share(0.99, "weight of the neighbours against the own label (alpha)")

    def views(self) -> Views:
        """One weak draw."""
        return Views(unlabeled=("weak.0",))

    def build(self, context: BuildContext) -> None:
        """What is known of each example."""
        if not context.unlabeled:
            raise ValueError(
                "Label propagation keeps a label for each unlabelled image, and unlabeled_dataset is a stream without "
                "a length, or is missing; give a dataset with a length, or take pseudo_labeling."
            )
        spread = partial(diffused, neighbors=self.neighbors, exponent=self.exponent, mixing=self.mixing)
        self.pool = PoolMemory(
            context.labeled, context.unlabeled, context.classes, context.width, self.every, spread=spread
        )

    def prepare(self, preparation: Preparation) -> None:
        """Spread the labels over the features before training."""
        known, pool = preparation.seen(preparation.batches), preparation.pool_rows
        self.pool.remember(known.examples, known.features, known.labels)
        self.pool.remember(pool.examples, pool.features)
        self.pool.propagate()

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`supervised`, `pseudo_label`."""
        labeled, unlabeled = step.student("labeled", step.labeled_view), step.student("unlabeled", "weak.0")
        examples = step.examples("unlabeled")
        self.pool.observe(step.examples("labeled"), labeled.features, step.labels)
        self.pool.observe(examples, unlabeled.features)
        predictions = self.pool.predictions[examples].float()
        labels, sure = predictions.argmax(1), certainty(predictions)
        step.report_pseudo_labels(labels, torch.ones_like(labels, dtype=torch.bool))
        balance = balancing_weights(self.pool.labels, self.pool.predictions.argmax(1), self.pool.classes)
        known = step.supervised_losses(labeled.logits, step.labels) * balance[step.labels]
        losses = F.cross_entropy(unlabeled.logits.float(), labels, reduction="none") * balance[labels] * sure
        return {
            "supervised": step.mean("labeled", known),
            "pseudo_label": self.weight * step.mean("unlabeled", losses),
        }
