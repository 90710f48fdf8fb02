"""Exponential moving average of the weights (as in Morales-Brotons et al., TMLR 2024).

https://arxiv.org/abs/2411.18704
"""

import dataclasses
from functools import partial
from typing import ClassVar

from torch import Tensor, nn

from ..core.method import Method, share
from ..core.preparation import BuildContext
from ..core.step import Step
from ..modules.ema import EmaCopy, rising_momentum


@dataclasses.dataclass(kw_only=True, eq=False)
class WeightEMA(Method):
    """The model that is evaluated and saved is the moving average of the trained one; it adds nothing to the loss.

    a <- m a + (1 - m) w after each step, with m = min(momentum, 1 - 1/(t + 1)), so that the average soon forgets the
    untrained head. BatchNorm statistics are averaged likewise. FixMatch and its followers publish scores of such an
    average, with 0.999: join the two, as in `fixmatch+weight_ema`. Checkpoints hold the trained weights, from which a
    run resumes, and the average beside them.
    """

    title: ClassVar[str] = "EMA of the weights"
    paper: ClassVar[str] = "https://arxiv.org/abs/2411.18704"
    needs_unlabeled: ClassVar[bool] = False
    presets: ClassVar = {
        "paper": {},
        "images": {"momentum": 0.99},
        "words": {"momentum": 0.99},
        "texts": {"momentum": 0.99},
    }

    momentum: float = share(0.999, "greatest momentum of the average (m)")

    def build(self, context: BuildContext) -> None:
        """The average starts as the student."""
        self.average = EmaCopy(context.student, partial(rising_momentum, self.momentum), buffers=True)

    def averaged(self) -> nn.Module:
        """The average."""
        return self.average.module

    def terms(self, step: Step) -> dict[str, Tensor]:
        """None."""
        return {}
