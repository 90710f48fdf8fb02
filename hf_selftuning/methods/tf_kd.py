"""Teacher-free distillation (Yuan et al., CVPR 2020), https://arxiv.org/abs/1909.11723."""

import dataclasses
from typing import ClassVar

from torch import Tensor

from ..core.method import Method, non_negative, positive, setting
from ..core.step import Step
from ..functional.losses import tempered_divergence, virtual_teacher


@dataclasses.dataclass(kw_only=True, eq=False)
class TfKD(Method):
    """Distillation from a virtual teacher: the label has a given probability, the other classes share the rest evenly.

    L = w mean_n T^2 KL(v_T || p_T(x)), where v gives the label the probability a, and both are tempered by T.
    This is the paper's regularisation. Its other form, in which a model teaches itself, is run by the stages
    `fine_tuning distillation:weight=0,labeled_weight=1,temperature=20`.
    """

    title: ClassVar[str] = "Tf-KD"
    paper: ClassVar[str] = "https://arxiv.org/abs/1909.11723"
    needs_unlabeled: ClassVar[bool] = False

    weight: float = non_negative(0.11, "weight beside the cross-entropy: 0.1 to 0.9 as published (alpha)")
    correct: float = setting(0.99, "probability that the virtual teacher gives the label (a)")
    temperature: float = positive(
        20.0, "temperature of teacher and student (tau); the loss is multiplied by its square"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.correct < 1:
            raise ValueError(f"correct={self.correct} must lie between 0 and 1; the paper has 0.99.")

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`virtual_teacher`."""
        logits = step.student("labeled", step.labeled_view).logits
        teacher = virtual_teacher(step.labels, logits.shape[1], self.correct)
        losses = tempered_divergence(logits, teacher, temperature=self.temperature)
        return {"virtual_teacher": self.weight * step.mean("labeled", losses)}
