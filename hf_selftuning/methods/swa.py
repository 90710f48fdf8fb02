"""Stochastic weight averaging, SWA (Izmailov et al., UAI 2018), https://arxiv.org/abs/1803.05407."""

import dataclasses
from functools import partial
from typing import ClassVar

from torch import Tensor, nn

from ..core.method import Method, positive, setting
from ..core.preparation import BuildContext
from ..core.step import Step
from ..modules.ema import EmaCopy


def equal_momentum(every: int, step: int) -> float:
    """Momentum after some steps that makes an average in which the start and each `every`-th step count the same.

    It is 1 at the steps between, which so do not move the average.
    """
    return 1.0 if step % every else 1 - 1 / (step // every + 1)


@dataclasses.dataclass(kw_only=True, eq=False)
class SWA(Method):
    """The model that is evaluated and saved is the mean of the trained one over the last part of the steps.

    a <- (n a + w) / (n + 1) every c steps, from the end of the warm-up on; it adds nothing to the loss. The paper
    begins after 75 % of the usual steps, averages once an epoch, and keeps the learning rate high meanwhile: take
    `lr_scheduler_type=constant_with_warmup`, because under a rate that falls to 0 the averaged weights hardly differ.
    BatchNorm statistics are averaged likewise; the paper computes them anew.
    """

    title: ClassVar[str] = "SWA"
    paper: ClassVar[str] = "https://arxiv.org/abs/1803.05407"
    needs_unlabeled: ClassVar[bool] = False

    warmup_ratio: float = setting(0.75, "share of the steps before the averaging begins")
    every: int = positive(1, "steps from one weight in the mean to the next (c)")

    def build(self, context: BuildContext) -> None:
        """The average becomes the student as the averaging begins."""
        self.average = EmaCopy(context.student, partial(equal_momentum, self.every), buffers=True)

    def averaged(self) -> nn.Module:
        """The average."""
        return self.average.module

    def terms(self, step: Step) -> dict[str, Tensor]:
        """None."""
        return {}
