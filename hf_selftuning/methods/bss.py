"""Batch Spectral Shrinkage against negative transfer (Chen et al., NeurIPS 2019).

https://proceedings.neurips.cc/paper/2019/hash/c6bff625bdb0393992c9d4db0c6bbe45-Abstract.html
"""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, non_negative, positive
from ..core.step import Step
from ..functional.losses import smallest_singular_values


@dataclasses.dataclass(kw_only=True, eq=False)
class BSS(Method):
    """A penalty on the smallest singular values of a batch's features, which hold what does not transfer.

    L = eta sum_{i <= k} sigma_{-i}^2, over the k smallest singular values. The matrix holds the features of one
    micro-batch on one rank, so the loss depends on how a step is cut. It is averaged over micro-batches and ranks.
    """

    title: ClassVar[str] = "BSS"
    paper: ClassVar[str] = (
        "https://proceedings.neurips.cc/paper/2019/hash/c6bff625bdb0393992c9d4db0c6bbe45-Abstract.html"
    )
    needs_unlabeled: ClassVar[bool] = False

    weight: float = non_negative(0.001, "strength of the penalty (eta)")
    count: int = positive(1, "how many singular values are shrunk (k)")

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`bss`."""
        features = step.student("labeled", step.labeled_view).features
        return {"bss": self.weight * smallest_singular_values(features, self.count).square().sum()}
