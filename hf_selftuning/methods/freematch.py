"""FreeMatch (Wang et al., ICLR 2023), https://arxiv.org/abs/2205.07246."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from ..method import Method, setting, share
from ..pseudo_labels import best_class, fairness, free_thresholds
from ..running import RunningMean, uniform
from ..step import Progress, Step, Views


@dataclasses.dataclass(kw_only=True, eq=False)
class FreeMatch(Method):
    """FixMatch with thresholds read off the student: a global one times a class's share of the predictions.

    t = EMA of mean_n max p(u), P = EMA of mean_n p(u), t_c = t P_c / max P (its adaptive thresholds);
    L = w mean_n 1[max p(u) >= t_argmax] CE(argmax p(u), p(u_strong)) + w_f fairness.
    The averages move after the step, so a step is judged by those before it.
    """

    title: ClassVar[str] = "FreeMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2205.07246"
    presets: ClassVar = {"paper": {}, "images": {"momentum": 0.99}, "words": {"momentum": 0.99}}

    weight: float = setting(1.0, "weight of the pseudo-labelled rows (w_u)")
    fairness_weight: float = setting(0.01, "weight of the fairness term (w_f)")
    momentum: float = share(0.999, "momentum of the running averages (lambda)")

    def views(self, labeled_view: str) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """All start as for a student that knows nothing."""
        start = uniform(num_classes)
        self.confidence = RunningMean(start[0], self.momentum)
        self.prediction = RunningMean(start, self.momentum)
        self.histogram = RunningMean(start, self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`, `fairness`."""
        weak = step.guess("unlabeled", "weak.0").logits.float()
        strong = step.student("unlabeled", "strong.0").logits.float()
        labels, used = self.pseudo_labels(weak)
        step.report_pseudo_labels(labels, used)
        self.confidence.observe(best_class(weak)[0])
        self.prediction.observe(weak.softmax(1))
        self.histogram.observe(F.one_hot(labels, weak.shape[1]))
        losses = F.cross_entropy(strong, labels, reduction="none") * used
        # A figure of the micro-batch, which counts as much as its rows.
        fair = fairness(strong, used, self.prediction.value, self.histogram.value).expand(len(labels))
        return {
            "pseudo_label": self.weight * step.mean("unlabeled", losses),
            "fairness": self.fairness_weight * step.mean("unlabeled", fair),
        }

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Those above their class's threshold."""
        confidence, labels = best_class(logits)
        return labels, confidence >= free_thresholds(self.confidence.value, self.prediction.value)[labels]

    def after_step(self, student: nn.Module, progress: Progress) -> None:
        """The averages move."""
        for running in (self.confidence, self.prediction, self.histogram):
            running.settle()

    def reset_step(self) -> None:
        """Drop what was gathered."""
        for running in (self.confidence, self.prediction, self.histogram):
            running.forget()
