"""Fine-tuning from the middle of the projector, as SimCLRv2 does (Chen et al., NeurIPS 2020).

https://arxiv.org/abs/2006.10029
"""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, setting
from ..core.preparation import BuildContext
from ..core.step import Step
from ..modules.method_state import saved_part
from ..modules.projector import middle_head


@dataclasses.dataclass(kw_only=True, eq=False)
class SimCLRv2(Method):
    """Cross-entropy of a classifier on the projector's first hidden layer, after a stage of SimCLR.

    L = w mean_n CE(y, middle(f(x))). A plain model has no place for that layer and that classifier. So in a
    later stage `distillation` they teach a plain model. The student's own classifier is trained beside them, so that
    the folder of this stage is a plain model too.
    """

    title: ClassVar[str] = "SimCLRv2"
    paper: ClassVar[str] = "https://arxiv.org/abs/2006.10029"
    needs_unlabeled: ClassVar[bool] = False

    projector: str | None = setting(
        None, "folder of the SimCLR stage whose projector is used; None draws a new layer", from_stage="pretrained"
    )
    weight: float = non_negative(1.0, "weight of the cross-entropy from the middle")

    def build(self, context: BuildContext) -> None:
        """The projector's first layer, and a new classifier."""
        self.middle_head = middle_head(context.width, context.classes)
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
