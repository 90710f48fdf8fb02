"""L2-SP, the starting point as reference (Li, Grandvalet & Davoine, ICML 2018), https://arxiv.org/abs/1802.01483."""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, non_negative
from ..core.preparation import BuildContext
from ..core.step import Step
from ..functional.losses import half_square
from ..modules.reference_model import Reference


@dataclasses.dataclass(kw_only=True, eq=False)
class L2SP(Method):
    """A pull of the weights back to the pretrained ones, and of the new head's weights to zero.

    L = alpha / 2 ||w - w0||^2 + beta / 2 ||w_head||^2. It replaces weight decay, which would pull the same weights
    to zero: train with `weight_decay=0`.
    """

    title: ClassVar[str] = "L2-SP"
    paper: ClassVar[str] = "https://arxiv.org/abs/1802.01483"
    needs_unlabeled: ClassVar[bool] = False
    decays_weights: ClassVar[bool] = True

    weight: float = non_negative(0.01, "strength of the pull to the starting point (alpha)")
    head_weight: float = non_negative(0.01, "strength of the head's pull to zero (beta)")

    def build(self, context: BuildContext) -> None:
        """Keep a copy of the starting model."""
        self.heads = context.heads
        self.origin = Reference(context.student, self.heads)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`start` and `head_decay`, each if such parameters are trained."""
        heads = step.head_parameters(self.heads)
        moved = [p - self.origin.parameter(name) for name, p in step.trained.items() if name not in heads]
        terms = {"head_decay": self.head_weight * step.total(half_square(heads.values()))} if heads else {}
        return terms | ({"start": self.weight * step.total(half_square(moved))} if moved else {})
