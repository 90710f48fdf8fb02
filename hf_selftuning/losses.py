"""Pure functions of the losses; letters: n rows, d projected features, c classes, k keys a class."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def mean_log(
    own: Float[Tensor, "n"],
    group: Float[Tensor, "n k"],
    filled: Bool[Tensor, "n k"],
    total: Float[Tensor, "n"],
) -> Float[Tensor, "n"]:
    """Mean over the positives of their negative log-probability: the paper's equation (2)."""
    log_probabilities = torch.where(filled, group - total[:, None], 0).sum(1) + own - total
    return -log_probabilities / (1 + filled.sum(1))


def log_sum(
    own: Float[Tensor, "n"],
    group: Float[Tensor, "n k"],
    filled: Bool[Tensor, "n k"],
    total: Float[Tensor, "n"],
) -> Float[Tensor, "n"]:
    """Negative log of the positives' summed probability: positives compete, so a false one is let go."""
    group = group.masked_fill(~filled, -torch.inf)
    return total - torch.logsumexp(torch.cat([own[:, None], group], 1), 1)


Reduction = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
REDUCTIONS: dict[str, Reduction] = {"mean_log": mean_log, "log_sum": log_sum}


def pseudo_group_contrast(
    queries: Float[Tensor, "n d"],
    keys: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    queue: Float[Tensor, "c k d"],
    filled: Bool[Tensor, "c k"],
    *,
    temperature: float = 0.07,
    reduction: Reduction = mean_log,
    group: bool = True,
) -> Float[Tensor, "n"]:
    """Pseudo Group Contrast of each row, Self-Tuning (arXiv 2102.12903) equation (2).

    A row's positives are its own key and the filled keys of its class, its negatives the filled keys of
    all other classes. Vectors are taken as they come: normalise them to unit length first.
    Computed in float32 at least, also under autocast.

    Args:
        queries: projected student features, the paper's q.
        keys: the same rows through the key encoder, k_0.
        labels: class of each row, 0 <= label < c, true or pseudo.
        queue: keys of former steps, class by class.
        filled: which slots of the queue hold a key; the others take no part.
        temperature: the paper's tau.
        reduction: how the positives are joined, one of `REDUCTIONS`.
        group: without it only the own key is positive and every queued key negative (the paper's CL ablation).
    """
    with torch.autocast(queries.device.type, enabled=False):
        kind = torch.promote_types(queries.dtype, torch.float32)
        queries, keys, queue = queries.to(kind), keys.to(kind), queue.to(kind)
        own = (queries * keys).sum(1) / temperature
        scores = torch.einsum("nd,ckd->nck", queries, queue) / temperature
        # A finite floor, not -inf: a queue without any key then adds exactly nothing, in gradients too.
        masked = scores.masked_fill(~filled, torch.finfo(kind).min).flatten(1)
        total = torch.logaddexp(own, torch.logsumexp(masked, 1))
        positives = filled[labels] & group
        index = labels[:, None, None].expand(-1, 1, scores.shape[2])
        return reduction(own, scores.gather(1, index).squeeze(1), positives, total)
