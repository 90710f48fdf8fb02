"""Rotation prediction, RotNet (Gidaris et al., ICLR 2018), https://arxiv.org/abs/1803.07728."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.mixing import turned_by_all


@dataclasses.dataclass(kw_only=True, eq=False)
class Rotation(Method):
    """The network tells by how many quarters an unlabelled image was turned, and so learns what its objects look like.

    L = w mean_n 1/4 sum_q CE(q, head(f(turn_q(u)))), over the turns by q = 0, 1, 2 and 3 quarters (equation 3). All
    four are in one batch, as published. As a stage it trains alone, without the supervised loss.
    """

    title: ClassVar[str] = "Rotation"
    paper: ClassVar[str] = "https://arxiv.org/abs/1803.07728"
    pretrains: ClassVar[bool] = True
    without_meaning: ClassVar = {
        "words": "it turns images, not words; take the stage tapt",
        "texts": "it turns images, not texts; take the stage tapt",
    }

    weight: float = non_negative(1.0, "weight of the cross-entropy")
    view: str = choice("weak", VIEW_KINDS, "view that is turned: weak or strong")

    def views(self) -> Views:
        """One draw of the unlabelled examples."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """A linear head for the four turns."""
        self.head = nn.Linear(context.width, 4)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`rotation`."""
        images, quarters = turned_by_all(step.inputs("unlabeled", f"{self.view}.0"))
        logits = self.head(step.student_on(images).features).float()
        losses = F.cross_entropy(logits, quarters, reduction="none").view(4, -1).mean(0)
        return {"rotation": self.weight * step.mean("unlabeled", losses)}
