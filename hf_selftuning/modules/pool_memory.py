"""What a method knows of each example of the pool: its predicted classes, and its newest features."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..distributed import broadcast, gather_rows
from ..functional.pseudo_labels import SMALLEST
from .head_start import pool_predictions
from .part import Part


class PoolMemory(Part):
    """Probabilities of the classes of each unlabelled example, looked up by its place in the dataset.

    They begin as the start's. With `every`, the features of both streams are remembered as training computes them,
    and labels are propagated over them again every so many steps (Iscen et al., CVPR 2019, without a pass of its own).
    It holds 2 bytes for each example and class, and 2 for each example and feature with `every`.

    Args:
        labeled: number of labelled examples; each must be one row.
        unlabeled: number of unlabelled examples; each must be one row.
        classes: number of classes, c.
        width: width of the features, d.
        every: optimizer steps after which labels are propagated again; None never does so.
        spread: probabilities of the unlabelled rows' classes, from features and labels of the labelled rows, features
            of the unlabelled ones, and the number of classes; None takes `pool_predictions`, with clouds if the start
            had some.
    """

    predictions: Tensor
    """Probabilities (m, c) of the unlabelled examples' classes."""
    features: Tensor
    """Newest features (n + m, d): the labelled examples, then the unlabelled ones."""
    labels: Tensor
    """Labels (n,) of the labelled examples; -1 for one that was not seen yet."""
    clouds: Tensor
    """Whether the start's predictions were corrected by clouds."""

    def __init__(
        self,
        labeled: int,
        unlabeled: int,
        classes: int,
        width: int,
        every: int | None = None,
        spread: Callable[[Tensor, Tensor, Tensor, int], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.labeled, self.classes, self.every, self.spread = labeled, classes, every, spread
        self.register_buffer("predictions", torch.full((unlabeled, classes), 1 / classes, dtype=torch.float16))
        if every is not None:
            self.register_buffer("features", torch.zeros(labeled + unlabeled, width, dtype=torch.float16))
            self.register_buffer("labels", torch.full((labeled,), -1))
            self.register_buffer("clouds", torch.tensor(True))
        self._waiting: list[tuple[Tensor, Tensor, Tensor]] = []

    @torch.no_grad()
    def learn(self, examples: Int[Tensor, "m"], predictions: Float[Tensor, "m c"], *, clouds: bool = True) -> None:
        """Write what the start predicts for unlabelled examples, and whether clouds corrected it.

        Raises:
            ValueError: the data has more examples than the methods were built for.
        """
        self._check(examples)
        self.predictions[examples] = predictions.to(self.predictions)
        if self.every is not None:
            self.clouds.fill_(clouds)

    def mixed(self, logits: Float[Tensor, "n c"], examples: Int[Tensor, "n"], share: float) -> Float[Tensor, "n c"]:
        """Logarithm of the geometric mean of a network's prediction and the pool's, which has this share of it."""
        known = self.predictions[examples].float().clamp(min=SMALLEST).log()
        return torch.lerp(logits.detach().float().log_softmax(1), known, share)

    def observe(
        self, examples: Int[Tensor, "n"], features: Float[Tensor, "n d"], labels: Int[Tensor, "n"] | None = None
    ) -> None:
        """Remember the features of examples when the optimizer has stepped; with their labels if they have some."""
        if self.every is not None:
            known = torch.full_like(examples, -1) if labels is None else labels
            self._waiting.append((self._places(examples, labels), features.detach(), known))

    @torch.no_grad()
    def remember(
        self, examples: Int[Tensor, "n"], features: Float[Tensor, "n d"], labels: Int[Tensor, "n"] | None = None
    ) -> None:
        """Remember the features of examples at once; every rank must do so with the same rows.

        Raises:
            ValueError: as for `learn`.
        """
        if labels is None:
            self._check(examples)
        if self.every is not None:
            places = self._places(examples, labels)
            self.features[places] = features.to(self.features)
            if labels is not None:
                self.labels[places] = labels

    def _check(self, examples: Tensor) -> None:
        count = len(self.predictions)
        if len(examples) and int(examples.max()) >= count:
            raise ValueError(
                f"The methods keep predictions for {count} unlabelled examples, and unlabeled_dataset has more now; "
                "make a new trainer for it."
            )

    def _places(self, examples: Tensor, labels: Tensor | None) -> Tensor:
        """Rows of `features`: the labelled examples, which have labels, come first."""
        return examples + self.labeled if labels is None else examples

    @torch.no_grad()
    def settle(self, step: int) -> None:
        """Write the features that wait on any rank; propagate again if it is time."""
        if self.every is None:
            return
        rows = [self.features[:0], *(features.to(self.features) for _, features, _ in self._waiting)]
        places, known = (
            gather_rows(torch.cat([self.labels[:0], *(waiting[part] for waiting in self._waiting)])) for part in (0, 2)
        )
        self.features[places] = gather_rows(torch.cat(rows))
        self.labels[places[known >= 0]] = known[known >= 0]
        self.forget()
        if step > 0 and step % self.every == 0:
            self.propagate()

    def forget(self) -> None:
        """Drop the features that wait."""
        self._waiting = []

    @torch.no_grad()
    def propagate(self) -> None:
        """Propagate the labels over the remembered features now."""
        known = self.labels >= 0
        features = self.features.float()
        rows = features[: self.labeled][known], self.labels[known], features[self.labeled :], self.classes
        found = self.spread(*rows) if self.spread else pool_predictions(*rows, clouds=bool(self.clouds))
        self.predictions.copy_(found)
        broadcast([self.predictions])  # sums of a GPU may differ from rank to rank in the last digit
