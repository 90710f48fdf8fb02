"""FixMatch (Sohn et al., NeurIPS 2020), https://arxiv.org/abs/2001.07685."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, threshold_setting
from ..core.step import Step, Views


@dataclasses.dataclass(kw_only=True, eq=False)
class FixMatch(Method):
    """The strong view learns the confident label of the weak one (equation 4).

    L = w mean_n 1[max p(u) >= threshold] CE(argmax p(u), p(u_strong)).
    """

    title: ClassVar[str] = "FixMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2001.07685"

    threshold: float = threshold_setting(0.95, "least confidence of a label that is used (tau)")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (lambda_u)")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`."""
        labels, used = self.pseudo_labels(step.guess("unlabeled", "weak.0").logits)
        step.report_pseudo_labels(labels, used)
        logits = step.student("unlabeled", "strong.0").logits.float()
        # A row that is not used counts as 0, so that the term grows with the share of confident rows (equation 4).
        losses = F.cross_entropy(logits, labels, reduction="none") * used
        return {"pseudo_label": self.weight * step.mean("unlabeled", losses)}
