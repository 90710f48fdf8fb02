"""MixMatch (Berthelot et al., NeurIPS 2019), https://arxiv.org/abs/1905.02249."""

import dataclasses
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, positive, share
from ..core.step import Step, Views
from ..functional.mixing import mix_up
from ..functional.pseudo_labels import sharpen


@dataclasses.dataclass(kw_only=True, eq=False)
class MixMatch(Method):
    """Examples are mixed with one another; their targets are labels and sharpened guesses (algorithm 1).

    q = sharpen(mean_k p(u_k), T). All examples and targets are mixed with w >= 1/2, where w or 1 - w ~ Beta(a, a).
    L = mean CE(y', p(x')) + w_u r(t) mean 1/C ||p(u') - q'||^2. The first term replaces the plain cross-entropy.
    The paper's ramp is 16,000 of its million steps; the preset `images` has the weight and ramp of a published
    comparison that starts from pretrained weights.
    """

    title: ClassVar[str] = "MixMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/1905.02249"
    presets: ClassVar = {"paper": {}, "images": {"weight": 10.0, "ramp_ratio": 0.4, "warmup_ratio": 0.5}}
    without_meaning: ClassVar = {
        "words": "it mixes inputs, and two sentences have no mean; take FixMatch or UDA",
        "texts": "it mixes inputs, and two texts have no mean; take FixMatch or UDA",
    }

    draws: int = positive(2, "weak views whose predictions make the guess (K)")
    temperature: float = positive(0.5, "temperature that sharpens the guess (T)")
    alpha: float = positive(0.75, "parameter of the Beta distribution of mixing weights")
    weight: float = non_negative(100.0, "weight of the unlabelled term (lambda_U)")
    ramp_ratio: float = share(0.015, "share of the steps over which the weight rises (r)")

    def views(self) -> Views:
        """The weak draws whose mean prediction is the guess."""
        return Views(unlabeled=self._unlabeled)

    @property
    def _unlabeled(self) -> tuple[str, ...]:
        return tuple(f"weak.{number}" for number in range(self.draws))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`supervised` on mixed labelled examples, `consistency` on mixed unlabelled ones."""
        guesses = [step.guess("unlabeled", view).logits.float().softmax(1) for view in self._unlabeled]
        guess = sharpen(torch.stack(guesses).mean(0), self.temperature)
        # There is no threshold: every guess is used.
        step.report_pseudo_labels(guess.argmax(1), torch.ones(len(guess), dtype=torch.bool, device=guess.device))
        labels = F.one_hot(step.labels, guess.shape[1]).float()
        views = [step.inputs("labeled", step.labeled_view), *(step.inputs("unlabeled", v) for v in self._unlabeled)]
        # Every draw of a row has the same target.
        mixed, targets = mix_up(views, torch.cat([labels, *[guess] * self.draws]), self.alpha)
        logits = step.student_on(mixed).logits.float()
        size = len(labels)
        # From (draws * n,) to (n,): the loss of a row is the mean over its draws.
        errors = (logits[size:].softmax(1) - targets[size:]).square().mean(1).view(self.draws, -1).mean(0)
        return {
            "supervised": step.mean("labeled", step.supervised_losses(logits[:size], targets[:size])),
            "consistency": self.weight * step.mean("unlabeled", errors),
        }
