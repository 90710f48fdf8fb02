"""FlexMatch (Zhang et al., NeurIPS 2021), https://arxiv.org/abs/2110.08263."""

import dataclasses
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from ..core.method import Method, non_negative, share, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import Step, Views
from ..modules.labeler import Labeler


@dataclasses.dataclass(kw_only=True, eq=False)
class FlexMatch(Method):
    """FixMatch with one threshold for each class, low for a class that is learnt badly so far.

    b_c = s_c / max(max s, 1 - sum s), T_c = M(b_c) threshold, M(b) = b / (2 - b) (the paper's threshold
    warm-up and its convex mapping), where s_c is the share of unlabelled rows that are labelled c with more than
    `threshold` confidence. The paper counts the last prediction of each example. Here s is a moving average over
    about the last 1 / (1 - momentum) steps, which needs no index of examples and so works for words too.
    """

    title: ClassVar[str] = "FlexMatch"
    paper: ClassVar[str] = "https://arxiv.org/abs/2110.08263"
    presets: ClassVar = {
        "paper": {},
        "images": {"warmup_ratio": 0.5},
        "words": {"warmup_ratio": 0.5},
        "texts": {"warmup_ratio": 0.5},
    }

    threshold: float = threshold_setting(0.95, "threshold of the class that is learnt best (tau)")
    weight: float = non_negative(1.0, "weight of the pseudo-labelled rows (lambda)")
    momentum: float = share(0.99, "momentum of each class's share of confident rows")

    def views(self) -> Views:
        """A weak and a strong draw."""
        return Views(unlabeled=("weak.0", "strong.0"))

    def build(self, context: BuildContext) -> None:
        """Nothing is learnt at first, so all thresholds are 0: the paper's threshold warm-up."""
        self.labeler = Labeler(
            context.classes, momentum=self.momentum, threshold=self.threshold, class_thresholds="flexmatch"
        )

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`pseudo_label`."""
        guess = self.labeler(step.guess("unlabeled", "weak.0").logits)
        step.report_pseudo_labels(guess.labels, guess.used)
        logits = step.student("unlabeled", "strong.0").logits.float()
        # A row that is not used counts as 0, as in FixMatch.
        losses = F.cross_entropy(logits, guess.labels, reduction="none") * guess.used
        return {"pseudo_label": self.weight * step.mean("unlabeled", losses)}

    def pseudo_labels(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """The labels above the thresholds of their classes."""
        guess = self.labeler.label(logits)
        return guess.labels, guess.used
