"""FreeMatch (Wang et al., ICLR 2023), https://arxiv.org/abs/2205.07246."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, share
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.pseudo_labels import fairness
from ..modules.labeler import Labeler
from ..modules.running_mean import RunningMean, uniform


@dataclasses.dataclass(kw_only=True, eq=False)
class FreeMatch(Method):
    """FixMatch with thresholds from the student's predictions: a global one, scaled for each class.

    t = EMA of mean_n max p(u), P = EMA of mean_n p(u), t_c = t P_c / max P (its adaptive thresholds);
    L = w mean_n 1[max p(u) >= t_argmax] CE(argmax p(u), p(u_strong)) + w_f fairness.
    The averages move after the step, so a step uses those of the steps before it.
    """

    title: ClassVar[str] = "FreeMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2205.07246"
    presets: ClassVar = {
        "paper": {},
        "images": {"momentum": 0.99, "warmup_ratio": 0.5},
        "words": {"momentum": 0.99, "warmup_ratio": 0.5},
        "texts": {"momentum": 0.99, "warmup_ratio": 0.5},
    }

    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (w_u)")
    fairness_weight: float = non_negative(0.01, "weight of the fairness term (w_f)")
    momentum: float = share(0.999, "momentum of the running averages (lambda)")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """All averages start as if predictions were uniform."""
        self.labeler = Labeler(context.classes, momentum=self.momentum, class_thresholds="freematch")
        self.histogram = RunningMean(uniform(context.classes), self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`, `fairness`."""
        guess = self.labeler(step.guess("unlabeled", "weak.0").logits)
        step.report_pseudo_labels(guess.labels, guess.used)
        strong = step.student("unlabeled", "strong.0").logits.float()
        # The histogram counts every row, also those below their threshold.
        self.histogram.observe(F.one_hot(guess.labels, strong.shape[1]))
        losses = F.cross_entropy(strong, guess.labels, reduction="none") * guess.used
        # Fairness is one value for the micro-batch; expanded to the rows, it gets the micro-batch's weight.
        fair = fairness(strong, guess.used, self.labeler.mean("prediction"), self.histogram.value)
        return {
            "pseudo_label": self.weight * step.mean("unlabeled", losses),
            "fairness": self.fairness_weight * step.mean("unlabeled", fair.expand(len(losses))),
        }

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The labels above the thresholds of their classes."""
        guess = self.labeler.label(logits)
        return guess.labels, guess.used
