"""Debiased self-training, DST (Chen et al., NeurIPS 2022), https://arxiv.org/abs/2202.07136."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, positive, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.worst_case import log_mistake, reversed_gradient, rising_reversal
from ..modules.projector import middle_head


@dataclasses.dataclass(kw_only=True, eq=False)
class DST(Method):
    """FixMatch whose labels train another head than the one that gives them, and features that spoil the worst head.

    L = w mean_n 1[max p(u) >= threshold] CE(argmax p(u), pseudo(u_strong)) + eta (eta' mean CE(y, worst(x))
    + mean_n -log(1 - worst(u)[argmax p(u)])). The main head p learns from labels alone. The worst head is right on
    the labelled rows and wrong on as many others as it can. Its gradient is reversed for the features, which so become
    such that no head can do this. The published code takes the main head's predictions for y; here y is the label.
    """

    title: ClassVar[str] = "DST"
    paper: ClassVar[str] = "https://arxiv.org/abs/2202.07136"
    presets: ClassVar = {
        "paper": {},
        "images": {"warmup_ratio": 0.5},
        "words": {"warmup_ratio": 0.5},
        "texts": {"warmup_ratio": 0.5},
    }

    threshold: float = threshold_setting(0.7, "least confidence of a label that is used")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows")
    worst_weight: float = non_negative(1.0, "weight of the worst head (eta)")
    labeled_weight: float = non_negative(2.0, "weight of the labelled rows in the worst head's loss (eta')")
    reversal: float = positive(0.1, "factor that the reversed gradient rises to")
    reversal_steps: int = positive(1000, "steps after which the factor has risen to 0.46 of that")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """The pseudo head and the worst head, each with a hidden layer."""
        self.pseudo_head = middle_head(context.width, context.classes)
        self.worst_head = middle_head(context.width, context.classes)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`, `worst_case`."""
        labels, used = self.pseudo_labels(step.student("unlabeled", "weak.0").logits)
        step.report_pseudo_labels(labels, used)
        logits = self.pseudo_head(step.student("unlabeled", "strong.0").features).float()
        losses = F.cross_entropy(logits, labels, reduction="none") * used
        return {
            "pseudo_label": self.weight * step.mean("unlabeled", losses),
            "worst_case": self.worst_weight * self._worst_case(step, labels),
        }

    def _worst_case(self, step: Step, labels: Tensor) -> Tensor:
        labeled = self._worst(step, "labeled", step.labeled_view).float()
        known = step.mean("labeled", F.cross_entropy(labeled, step.labels, reduction="none"))
        unknown = step.mean("unlabeled", log_mistake(self._worst(step, "unlabeled", "weak.0"), labels))
        return self.labeled_weight * known + unknown

    def _worst(self, step: Step, stream: str, view: str) -> Tensor:
        """Logits of the worst head, whose gradient the features get reversed."""
        factor = rising_reversal(self.reversal, self.steps_since_warmup(step.progress), self.reversal_steps)
        return self.worst_head(reversed_gradient(step.student(stream, view).features, factor))
