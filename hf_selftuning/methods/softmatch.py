"""SoftMatch (Chen et al., ICLR 2023), https://arxiv.org/abs/2301.10921."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, positive, setting, share
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.pseudo_labels import align, best_class, truncated_gaussian
from ..modules.running_mean import RunningMean, uniform
from ..modules.running_moments import RunningMoments


@dataclasses.dataclass(kw_only=True, eq=False)
class SoftMatch(Method):
    """FixMatch without a threshold: every label counts, by a Gaussian of how confident it is.

    L = w mean_n l(a_n) CE(argmax p(u), p(u_strong)), where a = max UA(p(u)) and UA(p) is p / P, normalised, with the
    running mean prediction P (uniform alignment). l(a) = 1 if a >= m, else exp(-(a - m)^2 / (2 width^2 s^2)), with the
    running mean m and variance s^2 of a. The label itself is that of the plain prediction. All averages move after
    the step, so a step uses those of the steps before it.
    """

    title: ClassVar[str] = "SoftMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2301.10921"
    presets: ClassVar = {
        "paper": {},
        "images": {"momentum": 0.99, "warmup_ratio": 0.5},
        "words": {"momentum": 0.99, "warmup_ratio": 0.5},
        "texts": {"momentum": 0.99, "warmup_ratio": 0.5},
    }

    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (lambda_max)")
    width: float = positive(1.0, "width of the Gaussian in standard deviations; the published code takes 0.5")
    momentum: float = share(0.999, "momentum of the running averages (m)")
    alignment: bool = setting(True, "weigh rows by the prediction after uniform alignment")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """The averages start as if predictions were uniform, with a variance of 1, as published."""
        self.prediction = RunningMean(uniform(context.classes), self.momentum)
        self.confidence = RunningMoments(1 / context.classes, 1.0, self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`."""
        weak = step.guess("unlabeled", "weak.0").logits.float()
        step.report_pseudo_labels(*self.pseudo_labels(weak))
        weights = self._weights(weak)
        self.prediction.observe(weak.softmax(1))
        self.confidence.observe(self._confidence(weak))
        logits = step.student("unlabeled", "strong.0").logits.float()
        losses = F.cross_entropy(logits, weak.argmax(1), reduction="none") * weights
        return {"pseudo_label": self.weight * step.mean("unlabeled", losses)}

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The most probable classes; a label counts as used if it has at least half of the greatest weight."""
        return best_class(logits)[1], self._weights(logits) >= 0.5

    def _confidence(self, logits: Tensor) -> Tensor:
        return best_class(align(logits, self.prediction.value) if self.alignment else logits)[0]

    def _weights(self, logits: Tensor) -> Tensor:
        mean, variance = self.confidence.mean, self.width**2 * self.confidence.variance
        return truncated_gaussian(self._confidence(logits), mean, variance)
