"""Pseudo-Labeling (Lee, ICML workshop 2013), https://api.semanticscholar.org/CorpusID:18507866."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, share, threshold_setting
from ..core.step import Step, Views


@dataclasses.dataclass(kw_only=True, eq=False)
class PseudoLabeling(Method):
    """Cross-entropy with the student's own confident labels, on the view that they come from (equation 15).

    L = w a(t) mean_n 1[max p(u) >= threshold] CE(argmax p(u), p(u)). Threshold, weight and ramp are those of
    FixMatch's published comparison; the paper has no threshold and raises the weight to 3.
    """

    title: ClassVar[str] = "Pseudo-Labeling"
    paper: ClassVar[str] = "https://api.semanticscholar.org/CorpusID:18507866"

    threshold: float = threshold_setting(0.95, "least confidence of a label that is used")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (w)")
    ramp_ratio: float = share(0.4, "share of the steps over which the weight rises (a)")

    def views(self) -> Views:
        """One weak draw."""
        return Views(unlabeled=("weak.0",))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`."""
        logits = step.student("unlabeled", "weak.0").logits.float()
        # The labels carry no gradient, though loss and labels come from one pass.
        labels, used = self.pseudo_labels(logits)
        step.report_pseudo_labels(labels, used)
        losses = F.cross_entropy(logits, labels, reduction="none") * used
        return {"pseudo_label": self.weight * step.mean("unlabeled", losses)}
