"""ReMixMatch (Berthelot et al., ICLR 2020), https://arxiv.org/abs/1911.09785."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..core.method import Method, non_negative, positive, share
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..functional.mixing import mix_up, turned
from ..functional.pseudo_labels import align
from ..modules.running_mean import RunningMean, uniform


@dataclasses.dataclass(kw_only=True, eq=False)
class ReMixMatch(Method):
    """MixMatch whose guess is aligned with the labels and learnt by strong views too, and rotated images.

    q = sharpen(normalise(p(u_weak) P_labels / P_model), T) is the target of the weak and of all K strong views, which
    are mixed as in MixMatch. L = mean CE(y', p(x')) + w_u mean CE(q', p(u')) + w_1 mean CE(q, p(u_strong))
    + w_r mean CE(quarters of a turn, p(turned u_strong)) (algorithm 1). The running distributions P move after the
    step. The paper has K = 8, and labelled examples in a strong view. In its code w_r does not rise.
    """

    title: ClassVar[str] = "ReMixMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/1911.09785"
    presets: ClassVar = {"paper": {}, "images": {"warmup_ratio": 0.5}}
    without_meaning: ClassVar = {
        "words": "it mixes and rotates images, not words; take UDA or FreeMatch",
        "texts": "it mixes and rotates images, not texts; take UDA or FreeMatch",
    }

    draws: int = positive(2, "strong views (K)")
    temperature: float = positive(0.5, "temperature that sharpens the guess (T)")
    alpha: float = positive(0.75, "parameter of the Beta distribution of mixing weights")
    weight: float = non_negative(1.5, "weight of the mixed unlabelled views (lambda_U)")
    anchor_weight: float = non_negative(0.5, "weight of the first strong view, not mixed (lambda_U1)")
    rotation_weight: float = non_negative(0.5, "weight of predicting the rotation (lambda_r)")
    ramp_ratio: float = share(0.015, "share of the steps over which the weights rise")
    momentum: float = share(
        0.984, "momentum of the running distributions; their mean age is that of the paper's 128 batches"
    )

    def views(self) -> Views:
        """The weak view for the guess, and the strong ones."""
        return Views(unlabeled=self._unlabeled)

    @property
    def _unlabeled(self) -> tuple[str, ...]:
        return ("weak.0", *(f"strong.{number}" for number in range(self.draws)))

    def build(self, context: BuildContext) -> None:
        """A head that predicts the rotation, and both running distributions."""
        self.rotation = nn.Linear(context.width, 4)
        self.labels = RunningMean(uniform(context.classes), self.momentum)
        self.prediction = RunningMean(uniform(context.classes), self.momentum)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`supervised`, `mixed`, and `anchor` and `rotation` if they have a weight."""
        weak = step.guess("unlabeled", "weak.0").logits.float()
        self.labels.observe(labels := F.one_hot(step.labels, weak.shape[1]).float())
        self.prediction.observe(weak.softmax(1))
        guess = (align(weak, self.prediction.value, self.labels.value) / self.temperature).softmax(1)
        # There is no threshold: every guess is used.
        step.report_pseudo_labels(guess.argmax(1), torch.ones(len(guess), dtype=torch.bool, device=guess.device))
        return self._mixed(step, labels, guess) | self._anchored(step, guess)

    def _mixed(self, step: Step, labels: Tensor, guess: Tensor) -> dict[str, Tensor]:
        views = [step.inputs("labeled", step.labeled_view), *(step.inputs("unlabeled", v) for v in self._unlabeled)]
        count, size = len(self._unlabeled), len(labels)
        mixed, targets = mix_up(views, torch.cat([labels, *[guess] * count]), self.alpha)
        logits = step.student_on(mixed).logits.float()
        # From (views * n,) to (n,): the loss of a row is the mean over its views.
        losses = F.cross_entropy(logits[size:], targets[size:], reduction="none").view(count, -1).mean(0)
        return {
            "supervised": step.mean("labeled", step.supervised_losses(logits[:size], targets[:size])),
            "mixed": self.weight * step.mean("unlabeled", losses),
        }

    def _anchored(self, step: Step, guess: Tensor) -> dict[str, Tensor]:
        terms = {}
        if self.anchor_weight:
            logits = step.student("unlabeled", "strong.0").logits.float()
            losses = F.cross_entropy(logits, guess, reduction="none")
            terms["anchor"] = self.anchor_weight * step.mean("unlabeled", losses)
        if self.rotation_weight:
            images, quarters = turned(step.inputs("unlabeled", "strong.0"))
            logits = self.rotation(step.student_on(images).features).float()
            losses = F.cross_entropy(logits, quarters, reduction="none")
            terms["rotation"] = self.rotation_weight * step.mean("unlabeled", losses)
        return terms
