"""Targets from predictions, as pure functions; letters in shapes: n rows, c classes."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

SMALLEST = 1e-6
"""Least share of a class in a running distribution, so that its logarithm stays finite."""


def best_class(logits: Float[Tensor, "n c"]) -> tuple[Float[Tensor, "n"], Int[Tensor, "n"]]:
    """Confidence and label of each row: the greatest probability and its class, in float32."""
    confidence, labels = logits.detach().float().softmax(1).max(1)
    return confidence, labels


def sharpen(probabilities: Float[Tensor, "n c"], temperature: float) -> Float[Tensor, "n c"]:
    """p^(1/T), normalised: MixMatch (arXiv 1905.02249) equation (7). A T below 1 raises the greatest probability."""
    # exp(log(p) / T) is p^(1/T). The logarithm of 0 is -inf, and its softmax is 0 again.
    return (probabilities.log() / temperature).softmax(1)


def align(
    logits: Float[Tensor, "n c"],
    running: Float[Tensor, "c"],
    target: Float[Tensor, "c"] | None = None,
    *,
    strength: float = 1.0,
) -> Float[Tensor, "n c"]:
    """Logits corrected for classes that are predicted often: f + strength (log target - log running).

    With a target, their softmax is p * target / running, normalised: ReMixMatch's distribution alignment
    (arXiv 1911.09785). Without one the target is uniform, as in DebiasMatch (arXiv 2201.01490).
    """
    shift = -running.clamp(min=SMALLEST).log()
    if target is not None:
        shift = shift + target.clamp(min=SMALLEST).log()
    return logits.float() + strength * shift


def flexible_thresholds(learned: Float[Tensor, "c"], threshold: float) -> Float[Tensor, "c"]:
    """Threshold of each class, FlexMatch (arXiv 2110.08263) with its threshold warm-up and convex mapping.

    Args:
        learned: share of all rows that are confident and labelled with the class, sigma_c / N.
        threshold: threshold of the class that is learnt best, the paper's tau.
    """
    unused = 1 - learned.sum()
    # While most rows are below the threshold, they outnumber every class and keep all thresholds low.
    status = learned / torch.maximum(learned.max(), unused).clamp(min=SMALLEST)
    # The convex mapping M(b) = b / (2 - b): thresholds rise slowly at first.
    return threshold * status / (2 - status)


def free_thresholds(confidence: Float[Tensor, ""], running: Float[Tensor, "c"]) -> Float[Tensor, "c"]:
    """Threshold of each class, FreeMatch (arXiv 2205.07246), self-adaptive thresholding.

    Args:
        confidence: running mean of the rows' confidence, the global threshold.
        running: running mean prediction; its ratio to its maximum scales the threshold of each class.
    """
    return confidence * running / running.max()


def truncated_gaussian(
    confidence: Float[Tensor, "n"], mean: Float[Tensor, ""], variance: Float[Tensor, ""]
) -> Float[Tensor, "n"]:
    """Weight of each row: 1 from the mean on, and below it exp(-(a - mean)^2 / (2 variance)).

    SoftMatch (arXiv 2301.10921), its truncated Gaussian.

    Args:
        confidence: greatest probability of each row, a.
        mean: running mean of the confidence.
        variance: running variance of the confidence.
    """
    below = (confidence - mean).clamp(max=0)
    return torch.exp(-below.square() / (2 * variance).clamp(min=SMALLEST**2))


def fairness(
    logits: Float[Tensor, "n c"], used: Bool[Tensor, "n"], running: Float[Tensor, "c"], histogram: Float[Tensor, "c"]
) -> Float[Tensor, ""]:
    """Self-adaptive fairness of FreeMatch: the negative cross-entropy of two mean predictions.

    Each mean prediction is divided by the histogram of its own labels and normalised; classes without a label are
    left out. The result is 0 if no row is used.

    Args:
        logits: logits of the strong view.
        used: rows above the threshold.
        running: running mean prediction on weak views.
        histogram: running histogram of their labels.
    """
    chosen = used.float()[:, None] / used.sum().clamp(min=1)
    probabilities = logits.float().softmax(1)
    mean = (probabilities * chosen).sum(0)
    counts = (F.one_hot(probabilities.argmax(1), logits.shape[1]) * chosen).sum(0)
    expected, found = _per_label(running, histogram), _per_label(mean, counts)
    # Without a used row, `found` is 0 everywhere, and the logarithm of its floor would be a large constant.
    return (expected * found.clamp(min=SMALLEST).log()).sum() * used.any()


def _per_label(shares: Float[Tensor, "c"], histogram: Float[Tensor, "c"]) -> Float[Tensor, "c"]:
    ratio = torch.where(histogram > 0, shares / histogram.clamp(min=SMALLEST), 0)
    return ratio / ratio.sum().clamp(min=SMALLEST)
