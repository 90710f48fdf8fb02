"""Unsupervised Data Augmentation, UDA (Xie et al., NeurIPS 2020), https://arxiv.org/abs/1904.12848."""

import dataclasses
import math
from collections.abc import Callable
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, choice, non_negative, positive, threshold_setting
from ..core.step import Step, Views
from ..functional.pseudo_labels import best_class

SCHEDULES: dict[str, Callable[[float], float]] = {
    "linear": lambda done: done,
    "log": lambda done: 1 - math.exp(-5 * done),
    "exp": lambda done: math.exp(5 * (done - 1)),
}
"""Schedules of `annealing`: a number from 0 to 1 after a share of the steps."""


def signal_threshold(schedule: str, done: float, num_classes: int) -> float:
    """Greatest probability of its true class at which a labelled row still counts, after a share of the steps.

    The paper's training signal annealing: a (1 - 1/C) + 1/C, where a rises from 0 to 1 by the schedule.
    """
    return SCHEDULES[schedule](done) * (1 - 1 / num_classes) + 1 / num_classes


@dataclasses.dataclass(kw_only=True, eq=False)
class UDA(Method):
    """A strong view should get the sharpened prediction of a weak one.

    L = w mean_n 1[max p(u) > threshold] KL(softmax(f(u) / T) || p(u_strong)). Threshold and temperature are the
    paper's for CIFAR-10. With `annealing`, labelled rows that are already predicted well do not count.
    """

    title: ClassVar[str] = "UDA"
    paper: ClassVar[str] = "https://arxiv.org/abs/1904.12848"

    threshold: float = threshold_setting(0.8, "least confidence of a prediction that is used")
    temperature: float = positive(0.4, "temperature that sharpens the weak view's prediction (T)")
    weight: float = non_negative(1.0, "weight of the consistency (w)")
    annealing: str | None = choice(
        None, tuple(SCHEDULES), "training signal annealing: linear, log or exp; None uses every label"
    )

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`consistency`, and `supervised` with `annealing`."""
        weak = step.guess("unlabeled", "weak.0").logits.float()
        strong = step.student("unlabeled", "strong.0").logits.float()
        labels, used = self.pseudo_labels(weak)
        step.report_pseudo_labels(labels, used)
        target = (weak / self.temperature).softmax(1)
        losses = F.kl_div(strong.log_softmax(1), target, reduction="none").sum(1) * used
        terms = {"consistency": self.weight * step.mean("unlabeled", losses)}
        return terms if self.annealing is None else terms | {"supervised": self._annealed(step, self.annealing)}

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The labels above the threshold; at exactly the threshold a label is not used, as published."""
        confidence, labels = best_class(logits)
        return labels, confidence > self.threshold

    def _annealed(self, step: Step, schedule: str) -> Tensor:
        """Mean over the labelled rows that still count; it weighs as much as the mean over all rows."""
        logits = step.student("labeled", step.labeled_view).logits.float()
        true_class = logits.detach().softmax(1).gather(1, step.labels[:, None]).squeeze(1)
        done = step.progress.step / step.progress.total
        counts = true_class <= signal_threshold(schedule, done, logits.shape[1])
        # `step.mean` divides by all rows; this corrects it to the rows that still count.
        kept = counts * (len(counts) / counts.sum().clamp(min=1))
        return step.mean("labeled", step.supervised_losses(logits, step.labels) * kept)
