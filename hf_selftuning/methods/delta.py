"""DELTA, feature maps with attention (Li et al., ICLR 2019), https://arxiv.org/abs/1901.09229."""

import dataclasses
import logging
from typing import ClassVar

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from torch import Tensor

from ..core.method import Method, non_negative, positive, setting
from ..core.preparation import BuildContext, Preparation
from ..core.step import Step
from ..functional.losses import channel_attention, feature_map_distance, half_square, mean_square
from ..modules.blocks import channels_last, find_blocks, named_blocks, silenced, width
from ..modules.reference_model import Reference

logger = logging.getLogger(__name__)


@dataclasses.dataclass(kw_only=True, eq=False)
class DELTA(Method):
    """A pull of the feature maps, not of the weights, to the pretrained ones; stronger in channels that matter.

    L = w mean_n sum_j C_j / 2 sum_c W_jc mean_positions (FM_jc - FM0_jc)^2 + w_h / 2 ||w_head||^2 over blocks j
    and channels c. The attention W of a channel is the softmax over its block of how much the loss of a linear
    classifier on the pretrained features grows when the channel is set to zero. To measure it, some
    examples pass through the model once for every channel, before training.
    """

    title: ClassVar[str] = "DELTA"
    paper: ClassVar[str] = "https://arxiv.org/abs/1901.09229"
    needs_unlabeled: ClassVar[bool] = False
    decays_weights: ClassVar[bool] = True
    presets: ClassVar = {
        "paper": {},
        "images": {"relative": True, "weight": 0.01, "attention_examples": 64},
        "words": {"relative": True, "weight": 0.01, "attention_examples": 16},
        "texts": {"relative": True, "weight": 0.01, "attention_examples": 16},
    }

    weight: float = non_negative(
        0.48, "strength of the pull (beta); the published 0.01 weighs a sum over a batch of 48"
    )
    relative: bool = setting(False, "divide a row's distance in a block by the mean square of its maps at the start")
    head_weight: float = non_negative(0.01, "strength of the head's pull to zero")
    blocks: int = positive(4, "number of blocks whose outputs are compared, evenly spaced up to the last")
    paths: str | None = setting(None, "paths of the modules whose outputs are compared instead, joined by /")
    attention_examples: int = positive(320, "number of labelled examples from which the attention is learned")
    attention_temperature: float = positive(5.0, "temperature of the attention's softmax")

    def build(self, context: BuildContext) -> None:
        """A copy of the starting model, and equal attention for all channels until it is learned."""
        student, self.heads = context.student, context.heads
        self.origin = Reference(student, self.heads, batch_statistics=True)
        self.kept = named_blocks(student, self.paths) if self.paths else find_blocks(student, self.blocks)
        for number, path in enumerate(self.kept):
            channels = width(student.get_submodule(path))
            self.register_buffer(f"attention_{number}", torch.full((channels,), 1 / max(1, channels)))

    def attention(self, number: int) -> Tensor:
        """Attention (c,) of the channels of a kept block; sums to one."""
        return self.get_buffer(f"attention_{number}")

    def prepare(self, preparation: Preparation) -> None:
        """Learn the attention: how the loss of a linear classifier grows without each channel."""
        batches = list(preparation.batches.first(self.attention_examples))
        labels = torch.cat([preparation.labels(batch) for batch in batches]).cpu().numpy()
        if len(set(labels)) < 2:
            # No channel helps to tell one class from others, so all keep the same attention.
            logger.warning(
                "attention_examples=%d takes labelled examples of one class alone, by which DELTA cannot tell which "
                "channels matter, so all count alike; raise attention_examples.",
                self.attention_examples,
            )
            return

        def features() -> Tensor:
            return torch.cat([preparation.rows(batch).features for batch in batches]).float().cpu()

        classifier = LogisticRegression(max_iter=1000).fit(features(), labels)

        def loss() -> float:
            return log_loss(labels, classifier.predict_proba(features()), labels=classifier.classes_)

        whole = loss()
        for number, path in enumerate(self.kept):
            block, growth = preparation.student.get_submodule(path), torch.zeros_like(self.attention(number))
            for channel in range(len(growth)):
                with silenced(block, channel):
                    growth[channel] = loss() - whole
            self.attention(number).copy_(channel_attention(growth, self.attention_temperature))

    def terms(self, step: Step) -> dict[str, Tensor]:
        """`feature_maps` and `delta_head_decay`."""
        moved = step.student("labeled", step.labeled_view).kept
        with torch.no_grad():
            start = step.through(self.origin.module, "labeled", step.labeled_view).kept
        distances = []
        for number, path in enumerate(self.kept):
            attention = self.attention(number)
            maps, before = (channels_last(rows[path], len(attention)) for rows in (moved, start))
            distance = feature_map_distance(maps, before, attention)
            distances.append(distance / mean_square(before) if self.relative else distance)
        terms = {"feature_maps": self.weight * step.mean("labeled", torch.stack(distances).sum(0))}
        heads = step.head_parameters(self.heads).values()
        return terms | ({"delta_head_decay": self.head_weight * step.total(half_square(heads))} if heads else {})
