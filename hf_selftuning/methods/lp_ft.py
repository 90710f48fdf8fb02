"""LP-FT, linear probing, then fine-tuning (Kumar et al., ICLR 2022), https://arxiv.org/abs/2202.10054."""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, choice
from ..core.step import Step
from ..modules.head_start import STARTS


@dataclasses.dataclass(kw_only=True, eq=False)
class LPFT(Method):
    """Fine-tuning whose classifier begins as logistic regression on the pretrained features, not at random.

    It has no term; it only sets `start=probe`, which every method can have.
    """

    title: ClassVar[str] = "LP-FT"
    paper: ClassVar[str] = "https://arxiv.org/abs/2202.10054"
    needs_unlabeled: ClassVar[bool] = False

    start: str = choice("probe", STARTS[1:], "what the classifier begins as: probe, or propagate")

    def terms(self, step: Step) -> dict[str, Tensor]:
        """No terms."""
        return {}
