"""Co-Tuning for transfer learning (You et al., NeurIPS 2020).

https://proceedings.neurips.cc/paper/2020/hash/c8067ad1937f728f51288b3eb986afaa-Abstract.html
"""

import dataclasses
import logging
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ..core.method import Method, choice, non_negative, positive, setting
from ..core.preparation import BuildContext, Preparation
from ..core.step import Step
from ..functional.class_relationship import RELATIONSHIPS
from ..functional.losses import soft_cross_entropy
from ..modules.source_head import source_head

logger = logging.getLogger(__name__)


@dataclasses.dataclass(kw_only=True, eq=False)
class CoTuning(Method):
    """The pretrained head trains too; its target for a label is a distribution over the source classes.

    L = w mean_n CE(p(y_s | y_t = y), p_source(x)). p(source class | target class) is learned from the labelled rows
    before training; p_source is the source head's prediction from the student's features.
    """

    title: ClassVar[str] = "Co-Tuning"
    paper: ClassVar[str] = (
        "https://proceedings.neurips.cc/paper/2020/hash/c8067ad1937f728f51288b3eb986afaa-Abstract.html"
    )
    needs_unlabeled: ClassVar[bool] = False
    needs_source: ClassVar[bool] = True
    presets: ClassVar = {
        "paper": {},
        "photos": {"weight": 0.3, "ramp_ratio": 0.4},
        "words": {"weight": 0.7, "relationship": "direct", "without": "O"},
        "texts": {"weight": 0.7, "relationship": "direct"},
    }

    weight: float = non_negative(2.3, "weight of the term (lambda)")
    relationship: str = choice(
        "bayes",
        tuple(RELATIONSHIPS),
        "bayes (calibrated logistic regression and Bayes' rule) or direct (means of the classes)",
    )
    source_scale: float = positive(1.0, "factor that calibrates the source logits; 0.884 for torchvision's ResNet-50")
    without: str | None = setting(None, "name of a class that takes no part, such as that of words outside entities")

    def build(self, context: BuildContext) -> None:
        """A copy of the source head, to be trained further, and buffers for the relationship."""
        self.source_head = source_head(context.source, context.width).requires_grad_(True)
        self.register_buffer("relation", torch.zeros(context.classes, self.source_head.out_features))
        self.register_buffer("share", torch.ones(()))
        config: Any = context.student.config
        names = config.label2id or {}
        self.skipped = names.get(self.without)
        if self.without is not None and self.skipped is None:
            logger.warning(
                "Co-Tuning leaves out the class %s, and the model has none of that name (it has %s), so every class "
                "takes part; name another with without=, or write without=none.",
                self.without,
                ", ".join(map(str, names)) or "no names",
            )

    def pretrained_parts(self) -> Iterable[nn.Module]:
        """The source head."""
        return (self.source_head,)

    def prepare(self, preparation: Preparation) -> None:
        """Learn the relationship from the student before training, and the share of rows that take part."""
        taking_part: list[Tensor] = []

        def rows() -> Iterator[tuple[Any, Any]]:
            for batch in preparation.batches:
                labels = preparation.labels(batch)
                used = self._used(labels)
                taking_part.append(used)
                logits = self.source_head(preparation.rows(batch).features[used]).float()
                yield (self.source_scale * logits).softmax(1).cpu().numpy(), labels[used].cpu().numpy()
            if not any(used.any() for used in taking_part):
                raise ValueError(
                    f"Every labelled row is of the class {self.without!r}, which takes no part; label others."
                )

        relation = self.get_buffer("relation")
        relation.copy_(torch.from_numpy(RELATIONSHIPS[self.relationship](rows(), len(relation))))
        self.get_buffer("share").copy_(torch.cat(taking_part).float().mean())

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`source`: the mean over the rows that take part."""
        rows, labels = step.student("labeled", step.labeled_view), step.labels
        relation, share = self.get_buffer("relation"), self.get_buffer("share")
        # A mask as index makes the host wait for the device, but scoring a vocabulary for all rows would take longer.
        used = slice(None) if self.skipped is None else self._used(labels)
        losses = soft_cross_entropy(self.source_head(rows.features[used]), relation[labels[used]])
        # `mean` divides by the number of all rows; the share corrects that to the rows that take part.
        return {"source": self.weight / share * step.mean("labeled", losses)}

    def _used(self, labels: Tensor) -> Tensor:
        return torch.ones_like(labels, dtype=torch.bool) if self.skipped is None else labels != self.skipped
