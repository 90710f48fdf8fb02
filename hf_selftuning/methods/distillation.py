"""Distillation on unlabelled data, the last stage of SimCLRv2 (Chen et al., NeurIPS 2020).

https://arxiv.org/abs/2006.10029
"""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor

from ..core.method import Method, choice, non_negative, positive, setting
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.losses import soft_cross_entropy
from ..modules.teacher import teacher_or_start


@dataclasses.dataclass(kw_only=True, eq=False)
class Distillation(Method):
    """Cross-entropy of the unlabelled rows with the probabilities of a fixed teacher.

    L = w mean_n T^2 CE(p_teacher_T(u), p_T(u)). The teacher may have the student's architecture
    (self-distillation) or be larger. The term is equation (2); with the supervised loss it is equation (3), up to
    weights.
    """

    title: ClassVar[str] = "Distillation"
    paper: ClassVar[str] = "https://arxiv.org/abs/2006.10029"

    teacher: str | None = setting(
        None, "folder of the trained teacher; None takes the student as training begins", from_stage="classifier"
    )
    temperature: float = positive(
        1.0, "temperature of teacher and student (tau); the loss is multiplied by its square"
    )
    weight: float = non_negative(1.0, "weight of the unlabelled rows")
    labeled_weight: float = non_negative(0.0, "weight of the labelled rows, which Tf-KD's self-training also has")
    view: str = choice("weak", VIEW_KINDS, "view that teacher and student see: weak or strong")

    def views(self) -> Views:
        """One unlabelled view, which teacher and student both see."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """Load the teacher."""
        self.fixed = teacher_or_start(self.teacher, context.student, context.classes)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`distillation`, and `distillation_labeled` if it has a weight."""
        terms = {"distillation": self.weight * self._loss(step, "unlabeled", f"{self.view}.0")}
        if self.labeled_weight:
            terms["distillation_labeled"] = self.labeled_weight * self._loss(step, "labeled", step.labeled_view)
        return terms

    def _loss(self, step: Step, stream: str, view: str) -> Tensor:
        with torch.no_grad():
            logits = step.logits(self.fixed.module, stream, view).float()
        target, student = (logits / self.temperature).softmax(1), step.student(stream, view).logits
        # Labelled rows have true labels, and no figure of pseudo-labels counts them.
        if stream == "unlabeled":
            step.report_pseudo_labels(*self.pseudo_labels(logits))
        losses = soft_cross_entropy(student, target, temperature=self.temperature)
        # A temperature T divides the gradients by T^2 (Hinton et al., arXiv 1503.02531), which the factor makes good.
        return self.temperature**2 * step.mean(stream, losses)
