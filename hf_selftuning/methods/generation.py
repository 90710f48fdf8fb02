"""Born-Again Neural Networks (Furlanello et al., ICML 2018), https://arxiv.org/abs/1805.04770."""

import dataclasses
from typing import ClassVar

import torch
from torch import Tensor

from ..core.method import Method, choice, non_negative, positive, setting, threshold_setting
from ..core.preparation import BuildContext
from ..core.step import VIEW_KINDS, Step, Views
from ..functional.combined_teachers import COMBINATIONS, agreement, combine
from ..functional.losses import soft_cross_entropy
from ..modules.reference_model import Reference


@dataclasses.dataclass(kw_only=True, eq=False)
class Generation(Method):
    """A student that starts again from the pretrained weights learns what its teachers say of the unlabelled rows.

    L = w mean_n a_n CE(q(u), p(u)), with q the combined probabilities of the teachers, and a the agreement of the
    teachers where it is used. Before training, the teachers see each example that it will read, once and in the plain
    view. The paper's students of a generation teach the next one, on labelled data; here they teach on unlabelled
    data, as in self-training.
    """

    title: ClassVar[str] = "Generation"
    paper: ClassVar[str] = "https://arxiv.org/abs/1805.04770"

    teachers: str | None = setting(
        None,
        "folders of the trained teachers with ; between; None takes the student as training begins",
        from_stage="classifiers",
    )
    combination: str = choice(
        "average", COMBINATIONS, "average of the teachers' probabilities, or vote: for each class their share"
    )
    legal_tags: bool = setting(
        True,
        "words: a teacher's probabilities of a word's tags are those over all legal sequences of tags of its sentence",
    )
    temperature: float = positive(1.0, "temperature of the average; below 1 the labels are harder")
    agreement_power: float = non_negative(
        0.0, "a row has the weight s^power, s being the share of teachers that choose its label; 0 weighs all alike"
    )
    threshold: float = threshold_setting(0.0, "least probability of a label that is used")
    weight: float = non_negative(1.0, "weight of the unlabelled rows")
    view: str = choice("weak", VIEW_KINDS, "view that the student sees: weak or strong")

    def views(self) -> Views:
        """One unlabelled view, which the student sees."""
        return Views(unlabeled=(f"{self.view}.0",))

    def build(self, context: BuildContext) -> None:
        """Without teachers, a frozen copy of the student."""
        self.fixed = Reference(context.student) if self.teachers is None else None

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`generation`."""
        said = self._said(step)
        target = combine(said, self.combination, temperature=self.temperature)
        confidence, labels = target.max(1)
        used = confidence >= self.threshold
        step.report_pseudo_labels(labels, used)
        weights = used * agreement(said, labels) ** self.agreement_power
        losses = soft_cross_entropy(step.student("unlabeled", f"{self.view}.0").logits, target) * weights
        return {"generation": self.weight * step.mean("unlabeled", losses)}

    def _said(self, step: Step) -> Tensor:
        """Probabilities of the rows by each teacher (n, t, c)."""
        if self.fixed is None:
            return step.taught
        with torch.no_grad():
            logits = step.logits(self.fixed.module, "unlabeled", f"{self.view}.0").float()
        return logits.softmax(1)[:, None]
