"""Pi-model, of Temporal Ensembling (Laine and Aila, ICLR 2017), https://arxiv.org/abs/1610.02242."""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, non_negative, share
from ..core.step import Step, Views


@dataclasses.dataclass(kw_only=True, eq=False)
class PiModel(Method):
    """Two views of an example should get the same prediction (algorithm 1).

    L = w r(t) mean_n 1/C ||p(u') - p(u'')||^2, with gradients through both. The weight and the linear ramp are
    those of FixMatch's published comparison; the paper's depend on the size of its data set and on its schedule.
    """

    title: ClassVar[str] = "Pi-model"
    paper: ClassVar[str] = "https://arxiv.org/abs/1610.02242"

    weight: float = non_negative(10.0, "weight of the consistency (w)")
    ramp_ratio: float = share(0.4, "share of the steps over which the weight rises (r)")

    def views(self) -> Views:
        """Two weak draws."""
        return Views(unlabeled=("weak.0", "weak.1"))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`consistency`."""
        first = step.student("unlabeled", "weak.0").logits.float()
        second = step.student("unlabeled", "weak.1").logits.float()
        step.report_pseudo_labels(*self.pseudo_labels(first))
        losses = (first.softmax(1) - second.softmax(1)).square().mean(1)
        return {"consistency": self.weight * step.mean("unlabeled", losses)}
