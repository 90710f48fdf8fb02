"""R-Drop (Liang et al., NeurIPS 2021), https://arxiv.org/abs/2106.14448."""

import dataclasses
import logging
from typing import ClassVar

from torch import Tensor, nn

from ..core.method import Method, non_negative
from ..core.preparation import BuildContext
from ..core.step import Step
from ..functional.divergence import symmetric_divergence

logger = logging.getLogger(__name__)


@dataclasses.dataclass(kw_only=True, eq=False)
class RDrop(Method):
    """Two passes of a labelled example, each with dropout of its own, should get the same prediction.

    L = mean_n (CE(y, p1) + CE(y, p2)) / 2 + w mean_n (KL(p1 || p2) + KL(p2 || p1)) / 2. As in the published code, the
    cross-entropies are averaged; the paper's equation adds them. The paper chooses the weight from 0.1, 0.5 and 1
    for texts, and takes 0.6 for images. A network without dropout learns nothing from it.
    """

    title: ClassVar[str] = "R-Drop"
    paper: ClassVar[str] = "https://arxiv.org/abs/2106.14448"
    needs_unlabeled: ClassVar[bool] = False
    presets: ClassVar = {"paper": {}, "images": {"weight": 0.6}}

    weight: float = non_negative(1.0, "weight of the divergence (alpha)")

    def build(self, context: BuildContext) -> None:
        """Warn where both passes would be the same."""
        if not has_dropout(context.student):
            logger.warning(
                "%s has no dropout, so the two passes of R-Drop are the same and its term is 0; load the model with "
                "dropout, such as hidden_dropout_prob=0.1, or take another method.",
                type(context.student).__name__,
            )

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`supervised`, `r_drop`."""
        first = step.student("labeled", step.labeled_view).logits.float()
        second = step.again("labeled", step.labeled_view).logits.float()
        losses = (step.supervised_losses(first, step.labels) + step.supervised_losses(second, step.labels)) / 2
        apart = symmetric_divergence(first, second)
        return {
            "supervised": step.mean("labeled", losses),
            "r_drop": self.weight * step.mean("labeled", apart),
        }


def has_dropout(model: nn.Module) -> bool:
    """Whether a layer or an entry of the config has a positive rate of dropout, or of dropped paths."""
    rates = [value for name, value in vars(getattr(model, "config", None) or model).items() if "drop" in name]
    rates += [
        getattr(layer, name, 0)
        for layer in model.modules()
        for name in ("p", "drop_prob")
        if "drop" in type(layer).__name__.lower()
    ]
    return any(isinstance(rate, float) and rate > 0 for rate in rates)
