"""AdaMatch (Berthelot et al., ICLR 2022), https://arxiv.org/abs/2106.04732."""

import dataclasses
import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, share
from ..core.preparation import BuildContext
from ..core.step import Progress, Step, Views
from ..functional.mixing import random_interpolation
from ..functional.pseudo_labels import align, best_class
from ..modules.running_mean import RunningMean, uniform


def rising_weight(done: float) -> float:
    """The paper's mu after a share of the steps: 1/2 - cos(min(pi, 2 pi done)) / 2, which is 1 from the middle on."""
    return (1 - math.cos(min(math.pi, 2 * math.pi * done))) / 2


@dataclasses.dataclass(kw_only=True, eq=False)
class AdaMatch(Method):
    """FixMatch whose threshold follows the labelled rows, and which trains with two kinds of batch statistics.

    L = mean CE(y, z(x)) over two views + w mu(t) mean_n 1[max q >= threshold c] CE(argmax q, p(u_strong)).
    q is p(u) P_labeled / P_unlabeled, normalised, with running mean predictions P of both streams (distribution
    alignment). c is the mean confidence of the labelled rows (relative confidence threshold), here that of the step
    before, so that a step may be cut. The logits z lie, each at a random place, between those of the labelled batch
    alone and those of both batches in one pass (random logit interpolation). Only the latter pass moves BatchNorm's
    running statistics.
    """

    title: ClassVar[str] = "AdaMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2106.04732"
    presets: ClassVar = {
        "paper": {},
        "images": {"label_momentum": 0.99},
        "words": {"label_momentum": 0.99},
        "texts": {"label_momentum": 0.99},
    }

    threshold: float = share(0.9, "least confidence of a label, as a share of the labelled rows' (tau)")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows, from the middle of training on")
    label_momentum: float = share(0.999, "momentum of the mean prediction of labelled rows")
    momentum: float = share(
        0.984, "momentum of the mean prediction of unlabelled rows; its mean age is that of the paper's 128 batches"
    )

    def views(self) -> Views:
        """A weak and a strong draw of both streams; the labelled weak one is always there."""
        return Views(labeled=("strong.0",), unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """Both mean predictions start uniform, and the labelled rows as unsure as possible."""
        self.labeled = RunningMean(uniform(context.classes), self.label_momentum)
        self.unlabeled = RunningMean(uniform(context.classes), self.momentum)
        self.confidence = RunningMean(uniform(context.classes)[0], 0.0)

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`supervised`, `pseudo_label`."""
        known = [("labeled", step.labeled_view), ("labeled", "strong.0")]
        *together, weak, strong = step.together(*known, ("unlabeled", "weak.0"), ("unlabeled", "strong.0"))
        # As published: the network is evaluated with the statistics of both streams, and these passes see one.
        with step.keeping_statistics():
            alone = [step.student(*view) for view in known]
        mixed = [random_interpolation(a.logits, b.logits) for a, b in zip(alone, together, strict=True)]
        labels, used = self.pseudo_labels(weak.logits)
        step.report_pseudo_labels(labels, used)
        self._observe(mixed[0].detach(), weak.logits.detach())
        supervised = torch.stack([step.supervised_losses(logits, step.labels) for logits in mixed]).mean(0)
        losses = F.cross_entropy(strong.logits.float(), labels, reduction="none") * used
        weight = self.weight * rising_weight(self._done(step.progress))
        return {
            "supervised": step.mean("labeled", supervised),
            "pseudo_label": weight * step.mean("unlabeled", losses),
        }

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The aligned labels whose confidence reaches the share of that of the labelled rows."""
        aligned = align(logits.detach(), self.unlabeled.value, self.labeled.value)
        confidence, labels = best_class(aligned)
        return labels, confidence >= self.threshold * self.confidence.value

    def _observe(self, labeled: Tensor, unlabeled: Tensor) -> None:
        self.labeled.observe(labeled.softmax(1))
        self.confidence.observe(best_class(labeled)[0])
        self.unlabeled.observe(unlabeled.float().softmax(1))

    def _done(self, progress: Progress) -> float:
        """Share of the steps since the warm-up."""
        since = self.steps_since_warmup(progress)
        return since / (progress.total - progress.step + since)
