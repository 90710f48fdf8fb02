"""One round of Noisy Student (Xie et al., CVPR 2020), https://arxiv.org/abs/1911.04252."""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor

from ..core.method import Method, non_negative, positive, setting, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.losses import soft_cross_entropy
from ..modules.teacher import teacher_or_start


@dataclasses.dataclass(kw_only=True, eq=False)
class NoisyStudent(Method):
    """A student under noise learns what a teacher without noise predicts for the unlabelled rows.

    L = w mean_n CE(softmax(f_teacher(u_weak) / T), p(u_strong)). The student's noise is the strong view and the
    model's own dropout and stochastic depth. A round is a stage, whose student teaches the next one.
    """

    title: ClassVar[str] = "Noisy Student"
    paper: ClassVar[str] = "https://arxiv.org/abs/1911.04252"

    teacher: str | None = setting(
        None, "folder of the trained teacher; None takes the student as training begins", from_stage="classifier"
    )
    temperature: float = positive(1.0, "temperature of the teacher's labels; below 1 they are harder")
    weight: float = non_negative(1.0, "weight of the unlabelled rows")
    threshold: float = threshold_setting(
        0.0, "least confidence of the teacher; the paper takes 0.3 to drop images of other domains"
    )

    def views(self) -> Views:
        """The teacher sees the weak view, the student the strong one."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """Load the teacher."""
        self.fixed = teacher_or_start(self.teacher, context.student, context.classes)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`noisy_student`."""
        with torch.no_grad():
            logits = step.logits(self.fixed.module, "unlabeled", "weak.0").float()
        labels, used = self.pseudo_labels(logits)
        step.report_pseudo_labels(labels, used)
        target = (logits / self.temperature).softmax(1)
        losses = soft_cross_entropy(step.student("unlabeled", "strong.0").logits, target) * used
        return {"noisy_student": self.weight * step.mean("unlabeled", losses)}
