"""Mean Teacher (Tarvainen and Valpola, NeurIPS 2017), https://arxiv.org/abs/1703.01780."""

import dataclasses
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from ..core.method import Method, non_negative, share
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..modules.ema import EmaCopy, rising_momentum


@dataclasses.dataclass(kw_only=True, eq=False)
class MeanTeacher(Method):
    """The student learns what its moving average predicts on another view.

    L = w r(t) mean_n 1/C ||p_student(u') - p_teacher(u'')||^2, without a gradient through the teacher. The teacher's
    momentum is min(momentum, 1 - 1/(t + 1)), as published, so that it soon forgets the untrained head. Weight and ramp
    are those of FixMatch's published comparison. The teacher runs in train mode, with dropout of its own.
    """

    title: ClassVar[str] = "Mean Teacher"
    paper: ClassVar[str] = "https://arxiv.org/abs/1703.01780"
    presets: ClassVar = {
        "paper": {},
        "images": {"momentum": 0.99},
        "words": {"momentum": 0.99, "warmup_ratio": 0.5},
        "texts": {"momentum": 0.99, "warmup_ratio": 0.5},
    }

    weight: float = non_negative(50.0, "weight of the consistency (w)")
    momentum: float = share(0.999, "greatest momentum of the teacher")
    ramp_ratio: float = share(0.4, "share of the steps over which the weight rises (r)")

    def views(self) -> Views:
        """One weak draw for the student and one for the teacher."""
        return Views(unlabeled=("weak.0", "weak.1"))

    def build(self, context: BuildContext) -> None:
        """The teacher starts as the student."""
        self.teacher = EmaCopy(context.student, partial(rising_momentum, self.momentum))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`consistency`."""
        student = step.student("unlabeled", "weak.0").logits.float()
        with torch.no_grad():
            teacher = step.through(self.teacher.module, "unlabeled", "weak.1").logits.float()
        step.report_pseudo_labels(*self.pseudo_labels(teacher))
        losses = (student.softmax(1) - teacher.softmax(1)).square().mean(1)
        return {"consistency": self.weight * step.mean("unlabeled", losses)}
