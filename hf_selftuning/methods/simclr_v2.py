"""Fine-tuning from the middle of the projector, as SimCLRv2 does (Chen et al., NeurIPS 2020).

https://arxiv.org/abs/2006.10029
"""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, setting
from ..core.step import Step, Views
from ..modules.method_state import saved_part
from ..modules.projector import middle_head


@dataclasses.dataclass(kw_only=True, eq=False)
class SimCLRv2(Method):
    """Cross-entropy of a classifier that stands on the projector's first hidden layer, after a stage of SimCLR.

    L = w mean_n CE(y, middle(f(x))). That layer and classifier are no part of a plain model, so they teach one: a
    stage `distillation` follows. The student's own classifier is trained beside it, so that the folder of this
    stage is a plain model too.
    """

    title: ClassVar[str] = "SimCLRv2"
    paper: ClassVar[str] = "https://arxiv.org/abs/2006.10029"
    needs_unlabeled: ClassVar[bool] = False

    projector: str | None = setting(None, "folder of the SimCLR stage whose projector goes on; None draws a new layer")
    weight: float = setting(1.0, "weight of the cross-entropy from the middle")

    def views(self, labeled_view: str) -> Views:
        """The supervised one."""
        return Views((labeled_view,))

    def build(self, student: nn.Module, feature_dim: int, num_classes: int) -> None:
        """The projector's first layer, and a new classifier."""
        self.middle_head = middle_head(feature_dim, num_classes)
        if self.projector is not None:
            weights = saved_part(self.projector, "projector.0")
            if not weights:
                raise ValueError(
                    f"projector={self.projector} holds no projector of SimCLR; give the folder of a simclr stage."
                )
            self.middle_head[0].load_state_dict(weights)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`middle`."""
        logits = self.middle_head(step.student("labeled", step.labeled_view).features).float()
        return {"middle": self.weight * step.mean("labeled", F.cross_entropy(logits, step.labels, reduction="none"))}
