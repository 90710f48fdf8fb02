"""LP-FT, linear probing, then fine-tuning (Kumar et al., ICLR 2022), https://arxiv.org/abs/2202.10054."""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, setting
from ..core.step import Step


@dataclasses.dataclass(kw_only=True, eq=False)
class LPFT(Method):
    """Fine-tuning whose classifier begins as logistic regression on the pretrained features, not at random.

    It has no term; it only sets `probe_head`, which every method has.
    """

    title: ClassVar[str] = "LP-FT"
    paper: ClassVar[str] = "https://arxiv.org/abs/2202.10054"
    needs_unlabeled: ClassVar[bool] = False

    probe_head: bool = setting(True, "the classifier begins as logistic regression on the labelled rows' features")

    def terms(self, step: Step) -> dict[str, Tensor]:
        """No terms."""
        return {}
