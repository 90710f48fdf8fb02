"""Losses as pure functions; letters in shapes: n rows, d projected features, c classes, k keys in a class."""

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.utils.checkpoint import checkpoint

CHUNK_SCORES = 2**24
"""Greatest number of scores held at once (64 MiB in float32); the backward pass computes further ones again."""


def mean_log(
    own: Float[Tensor, "n"],
    group: Float[Tensor, "n k"],
    filled: Bool[Tensor, "n k"],
    total: Float[Tensor, "n"],
) -> Float[Tensor, "n"]:
    """Mean over the positives of their negative log-probability: Self-Tuning's equation (2)."""
    # An empty slot has a score too, with a key of zeros, and is no positive.
    log_probabilities = ((group - total[:, None]) * filled).sum(1) + own - total
    # The minus stands on the number of positives: the backward pass then has no call for it.
    return log_probabilities / (-1 - filled.sum(1))


def log_sum(
    own: Float[Tensor, "n"],
    group: Float[Tensor, "n k"],
    filled: Bool[Tensor, "n k"],
    total: Float[Tensor, "n"],
) -> Float[Tensor, "n"]:
    """Negative log of the positives' summed probability; positives compete, so a false one gets little weight."""
    # exp(-inf) is 0, so an empty slot is no positive. The row's own score keeps the sum above 0, and gradients finite.
    group = group.masked_fill(~filled, -torch.inf)
    return total - torch.logsumexp(torch.cat([own[:, None], group], 1), 1)


Reduction = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""Combines the positives of each row to a loss (n,). It takes the score with the row's own key (n,), the scores with
the slots of its class (n, k), which of these slots are positives (n, k), and the log-sum-exp of all scores (n,)."""
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

    The positives of a row are its own key and the filled keys of its class; its negatives are the filled keys of all
    other classes. Vectors are not normalised here, so pass unit vectors. The loss is computed in float32 or
    wider, also under autocast.

    Args:
        queries: projected student features, the paper's q.
        keys: the same rows, encoded by the key encoder; the paper's k_0.
        labels: true label or pseudo-label of each row, 0 <= label < c.
        queue: keys of former steps, sorted by class.
        filled: which slots of the queue hold a key; the others are ignored.
        temperature: the paper's tau.
        reduction: how the positives are combined, one of `REDUCTIONS`.
        group: if False, a row's own key is its only positive, and every queued key is a negative (the paper's CL).
    """
    with torch.autocast(queries.device.type, enabled=False):
        # In bf16, scores from 8 to 16 (a cosine / 0.07) are 1/16 apart, too coarse to tell keys apart.
        kind = torch.float64 if queries.dtype == torch.float64 else torch.float32
        queries, keys, queue = queries.to(kind) / temperature, keys.to(kind), queue.to(kind)
        own = (queries * keys).sum(1)
        rest, positives = scores_in_chunks(queries, labels, queue, filled)
        # The denominator of equation (2) holds the row's own key and every filled key of every class.
        return reduction(own, positives, filled[labels] & group, torch.logaddexp(own, rest))


def greatest_similarity(
    queries: Float[Tensor, "n d"], queue: Float[Tensor, "c k d"], filled: Bool[Tensor, "c k"]
) -> Float[Tensor, "n"]:
    """Cosine of each row with the nearest filled key of any class, for unit vectors; -1 if all queues are empty."""
    with torch.autocast(queries.device.type, enabled=False):
        scores = torch.einsum("nd,ckd->nck", queries.detach().float(), queue.float()).masked_fill(~filled, -1)
        return scores.flatten(1).amax(1)


def scores_in_chunks(
    queries: Float[Tensor, "n d"], labels: Int[Tensor, "n"], queue: Float[Tensor, "c k d"], filled: Bool[Tensor, "c k"]
) -> tuple[Float[Tensor, "n"], Float[Tensor, "n k"]]:
    """Log-sum-exp of each row's scores with all filled keys, and its scores with its own class's slots.

    Classes are taken in chunks of at most `CHUNK_SCORES` scores (at least one class). The backward pass computes each
    chunk again, so that the scores of only one chunk are in memory.
    """
    size = max(1, CHUNK_SCORES // max(1, len(queries) * queue.shape[1]))
    if len(queue) <= size:
        return _scores_of_chunk(queries, labels, queue, filled)
    sums, positives = [], queries.new_zeros(len(queries), queue.shape[1])
    for start in range(0, len(queue), size):
        part = slice(start, start + size)
        # A chunk counts its classes from 0. Nothing in it is random, so no state of a generator needs to be kept.
        some, own_class = checkpoint(
            _scores_of_chunk, queries, labels - start, queue[part], filled[part],
            use_reentrant=False, preserve_rng_state=False,
        )  # fmt: skip
        here = (labels >= start) & (labels < start + size)
        sums.append(some)
        positives = torch.where(here[:, None], own_class, positives)
    return torch.logsumexp(torch.stack(sums), 0), positives


def _scores_of_chunk(
    queries: Float[Tensor, "n d"], labels: Int[Tensor, "n"], queue: Float[Tensor, "c k d"], filled: Bool[Tensor, "c k"]
) -> tuple[Float[Tensor, "n"], Float[Tensor, "n k"]]:
    """Both results for one chunk of classes; the second is meaningless for a row of a class outside of the chunk."""
    # A finite floor, not -inf: if no slot is filled, logsumexp of -inf alone has NaN gradients. The logsumexp of the
    # floor has finite gradients and adds exactly nothing to the row's own score.
    floor = torch.finfo(queries.dtype).min
    # A plain product of two matrices: einsum makes twice as many calls, and a small step on a GPU waits for each call.
    scores = (queries @ queue.flatten(0, 1).T).masked_fill_(~filled.flatten(), floor)
    index = labels.clamp(0, len(queue) - 1)[:, None, None].expand(-1, 1, queue.shape[1])
    return torch.logsumexp(scores, 1), scores.view(-1, *filled.shape).gather(1, index).squeeze(1)


def half_square(tensors: Iterable[Tensor]) -> Float[Tensor, ""]:
    """Half the squared length of all tensors together, in float32."""
    return torch.stack([tensor.float().square().sum() for tensor in tensors]).sum() / 2


def smallest_singular_values(features: Float[Tensor, "n d"], count: int) -> Float[Tensor, "s"]:
    """The `count` smallest singular values of a matrix, or all if it has fewer, in float32."""
    with torch.autocast(features.device.type, enabled=False):
        # svdvals has no kernel for half precision, and returns the largest value first.
        return torch.linalg.svdvals(features.float())[-count:]


def soft_cross_entropy(
    logits: Float[Tensor, "n c"], target: Float[Tensor, "n c"], *, temperature: float = 1.0
) -> Float[Tensor, "n"]:
    """Cross-entropy of each row with a target distribution, in float32; `temperature` divides the logits."""
    return -(target * F.log_softmax(logits.float() / temperature, dim=1)).sum(1)


def channel_attention(growth: Float[Tensor, "c"], temperature: float) -> Float[Tensor, "c"]:
    """DELTA's attention of each channel: softmax(z / temperature), where z is the standardised `growth`.

    Args:
        growth: how much the loss grows when the channel is set to zero.
        temperature: divides z.
    """
    # The deviation of one value is NaN. Channels of equal growth have none: z is 0, and their attention uniform.
    spread = growth.std().clamp(min=torch.finfo(growth.dtype).tiny) if len(growth) > 1 else 1.0
    return ((growth - growth.mean()) / spread / temperature).softmax(0)


def feature_map_distance(
    maps: Float[Tensor, "n *positions c"], start: Float[Tensor, "n *positions c"], attention: Float[Tensor, "c"]
) -> Float[Tensor, "n"]:
    """DELTA's distance of each row: half the squared difference, weighted by c times the attention.

    Squares are averaged over positions and summed over channels.
    """
    squares = (maps.float() - start.float()).square()
    # The extra axis is a position where there is none. `reshape` with -1 would refuse a micro-batch without rows.
    squares = squares.unsqueeze(1).flatten(1, -2).mean(1)
    return len(attention) / 2 * (squares * attention).sum(1)


def virtual_teacher(labels: Int[Tensor, "n"], classes: int, correct: float) -> Float[Tensor, "n c"]:
    """Tf-KD's virtual teacher: probability `correct` for the label, the rest spread evenly over the other classes."""
    right = F.one_hot(labels, classes).bool()
    return torch.where(right, correct, (1 - correct) / (classes - 1))


def tempered_divergence(
    logits: Float[Tensor, "n c"], target: Float[Tensor, "n c"], *, temperature: float
) -> Float[Tensor, "n"]:
    """T^2 KL(target_T || softmax(logits / T)) of each row, T being the temperature.

    target_T is the softmax of log(target) / T.
    """
    target = (target.log() / temperature).softmax(1)
    ours = F.log_softmax(logits.float() / temperature, dim=1)
    # A temperature T divides the gradients by T^2 (Hinton et al., arXiv 1503.02531), which the factor makes good.
    return temperature**2 * F.kl_div(ours, target, reduction="none").sum(1)


def two_view_contrast(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], *, temperature: float
) -> Float[Tensor, "n"]:
    """SimCLR's NT-Xent of each row: cross-entropy of finding one view from the other among all 2n - 1 vectors.

    It is the mean of both directions. Vectors are not normalised here, so pass unit vectors. The loss is computed in
    float32, also under autocast.
    """
    views = torch.cat([first, second]).float()
    own = torch.eye(len(views), dtype=torch.bool, device=views.device)
    with torch.autocast(views.device.type, enabled=False):
        # A vector is no candidate for being its own other view.
        scores = (views @ views.T / temperature).masked_fill(own, -torch.inf)
    # The other view of row i is n rows away, at i + n or i - n.
    other = torch.arange(len(views), device=views.device).roll(len(first))
    return F.cross_entropy(scores, other, reduction="none").view(2, -1).mean(0)


def mean_square(values: Float[Tensor, "n ..."]) -> Float[Tensor, "n"]:
    """Mean of the squares of each row, in float32; at least 1e-12, so that one may divide by it."""
    return values.float().square().flatten(1).mean(1).clamp(min=1e-12)
