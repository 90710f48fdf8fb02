"""DebiasMatch (Wang et al., CVPR 2022), https://arxiv.org/abs/2201.01490."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, share, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.pseudo_labels import align, best_class
from ..modules.running_mean import RunningMean, uniform


@dataclasses.dataclass(kw_only=True, eq=False)
class DebiasMatch(Method):
    """FixMatch with its labels corrected by the running mean prediction, which is also a margin in the loss.

    P = EMA of mean_n p(u). Labels are the confident argmax of softmax(f(u) - s log P), and the loss is their
    cross-entropy with f(u_strong) + s log P, the adaptive margin: a rarely predicted class needs a larger lead.
    """

    title: ClassVar[str] = "DebiasMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2201.01490"
    presets: ClassVar = {
        "paper": {},
        "images": {"momentum": 0.99},
        "words": {"momentum": 0.99},
        "texts": {"momentum": 0.99},
    }

    threshold: float = threshold_setting(0.95, "least confidence of a label that is used")
    strength: float = non_negative(
        0.5, "how much of the log prior is taken out of the labels and added to the loss (s)"
    )
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows")
    momentum: float = share(0.999, "momentum of the mean prediction")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """The mean prediction starts uniform."""
        self.prediction = RunningMean(uniform(context.classes), self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`."""
        weak = step.guess("unlabeled", "weak.0").logits.float()
        labels, used = self.pseudo_labels(weak)
        step.report_pseudo_labels(labels, used)
        self.prediction.observe(weak.softmax(1))
        strong = step.student("unlabeled", "strong.0").logits
        # Minus: what is taken out of the labels below is added to the logits here.
        logits = align(strong, self.prediction.value, strength=-self.strength)
        losses = F.cross_entropy(logits, labels, reduction="none") * used
        return {"pseudo_label": self.weight * step.mean("unlabeled", losses)}

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The confident labels, corrected by the running mean prediction."""
        confidence, labels = best_class(align(logits, self.prediction.value, strength=self.strength))
        return labels, confidence >= self.threshold
