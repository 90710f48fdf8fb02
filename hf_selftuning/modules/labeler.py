"""Labeler: pseudo-labels from logits, corrected for the classes that the student favours."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from ..functional.pseudo_labels import align, best_class, flexible_thresholds, free_thresholds
from .running_mean import RunningMean, uniform

ALIGNMENTS = ("none", "running", "labeled")
CLASS_THRESHOLDS = ("none", "flexmatch", "freematch")


@dataclass(frozen=True)
class PseudoLabels:
    """Labels of n rows, their probabilities, and which of them are used."""

    labels: Int[Tensor, "n"]
    confidence: Float[Tensor, "n"]
    used: Bool[Tensor, "n"]


class Labeler(nn.Module):
    """Labels each row with its most probable class after alignment, used from the threshold of that class on.

    Its state is running means, which move after each optimizer step. The default settings need none.

    Args:
        num_classes: width of the logits.
        momentum: momentum of the running means.
        threshold: least confidence. For flexmatch it is the threshold of the class that is learnt best, for
            freematch the least threshold of any class.
        alignment: `none`; `running` subtracts the logarithm of the running mean prediction; `labeled` also adds the
            logarithm of the running label distribution, so that pseudo-labels get the frequencies of true labels.
        class_thresholds: `none`; `flexmatch`, see `flexible_thresholds`; or `freematch`, see `free_thresholds`.
    """

    def __init__(
        self,
        num_classes: int,
        *,
        momentum: float,
        threshold: float = 0.0,
        alignment: str = "none",
        class_thresholds: str = "none",
    ) -> None:
        super().__init__()
        self.threshold, self.alignment, self.class_thresholds = threshold, alignment, class_thresholds
        start = uniform(num_classes)
        starts: dict[str, Tensor] = {}
        if alignment != "none" or class_thresholds == "freematch":
            starts["prediction"] = start
        if alignment == "labeled":
            starts["labels"] = start
        if class_thresholds == "flexmatch":
            starts["learned"] = torch.zeros(num_classes)
        if class_thresholds == "freematch":
            # A uniform prediction has the confidence 1 / c.
            starts["confidence"] = start[0]
        self.running = nn.ModuleDict({name: RunningMean(value, momentum) for name, value in starts.items()})

    def forward(self, logits: Float[Tensor, "n c"]) -> PseudoLabels:
        """Label rows, and add them to the running means."""
        guess = self.label(logits)
        labels, confidence = guess.labels, guess.confidence
        if self.running:
            logits = logits.detach().float()
            # FlexMatch counts rows above the threshold of the class that is learnt best, not above that of their own.
            confident = F.one_hot(labels, logits.shape[1]) * (confidence > self.threshold)[:, None]
            self._observe(prediction=logits.softmax(1), learned=confident, confidence=confidence)
        return guess

    def label(self, logits: Float[Tensor, "n c"]) -> PseudoLabels:
        """Label rows, and change no state."""
        confidence, labels = best_class(self._aligned(logits.detach().float()))
        return PseudoLabels(labels, confidence, confidence >= self._thresholds(labels))

    def observe_labels(self, labels: Int[Tensor, "n"]) -> None:
        """Add true labels to the running distribution of the labels."""
        if "labels" in self.running:
            self._observe(labels=F.one_hot(labels, len(self.mean("labels"))))

    def mean(self, name: str) -> Tensor:
        """The value of a running mean: `prediction`, `labels`, `learned` or `confidence`, if the settings need it."""
        return self._means[name].value

    def _aligned(self, logits: Tensor) -> Tensor:
        if self.alignment == "none":
            return logits
        target = self.mean("labels") if self.alignment == "labeled" else None
        return align(logits, self.mean("prediction"), target)

    def _thresholds(self, labels: Tensor) -> Tensor | float:
        if self.class_thresholds == "flexmatch":
            return flexible_thresholds(self.mean("learned"), self.threshold)[labels]
        if self.class_thresholds == "freematch":
            thresholds = free_thresholds(self.mean("confidence"), self.mean("prediction"))
            return thresholds.clamp(min=self.threshold)[labels]
        return self.threshold

    def _observe(self, **rows: Tensor) -> None:
        for name, mean in self._means.items():
            if name in rows:
                mean.observe(rows[name])

    @property
    def _means(self) -> dict[str, RunningMean]:
        return {name: mean for name, mean in self.running.items() if isinstance(mean, RunningMean)}
