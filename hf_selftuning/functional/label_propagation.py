"""Labels spread over a graph of nearest neighbours, as pure functions; letters in shapes: n rows, d width, c classes.

Learning with Local and Global Consistency (Zhou et al., NeurIPS 2003), https://dl.acm.org/doi/10.5555/2981345.2981386.
Label Propagation for Deep Semi-supervised Learning (Iscen et al., CVPR 2019), https://arxiv.org/abs/1904.04717.
"""

import warnings
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from .approximate_neighbors import approximate_neighbors, is_approximate

BLOCK_SCORES = 2**26
"""Greatest number of similarities that are in memory at once: 256 MiB in float32."""
BLOCK_LABELS = 2**24
"""Greatest number of labels, rows x classes, that are spread at once: 64 MiB in float32, several times."""
TINY = 1e-9


def centered(*features: Float[Tensor, "_ d"]) -> Float[Tensor, "n d"]:
    """Features of all parts without their mean, of length 1 each: their products are cosines.

    Features after a ReLU all lie in one corner of the space, where every two of them look similar. Without their mean
    only what tells them apart is left.

    Args:
        features: parts of the n rows, such as the labelled and the unlabelled ones.
    """
    rows = joined(features)
    rows -= rows.mean(0)
    return F.normalize(rows, dim=1, out=rows)


def joined(parts: Sequence[Float[Tensor, "_ d"]]) -> Float[Tensor, "n d"]:
    """The rows of all parts in new memory, which the caller may overwrite; large pools leave no room for more."""
    return torch.cat([part.to(parts[0].device, torch.float32) for part in parts])


def nearest_neighbors(
    unit: Float[Tensor, "n d"], neighbors: int, *, block_scores: int = BLOCK_SCORES
) -> tuple[Int[Tensor, "n k"], Float[Tensor, "n k"]]:
    """Indices and cosines of the most similar other rows of each row, found in blocks of rows.

    Args:
        unit: rows of length 1.
        neighbors: number of neighbours of a row, k; n - 1 if there are fewer other rows.
        block_scores: greatest number of similarities that are in memory at once.
    """
    count = len(unit)
    kept = min(neighbors, count - 1)
    found = torch.empty(count, kept, dtype=torch.long, device=unit.device)
    cosines = torch.empty(count, kept, device=unit.device)
    rows = max(1, block_scores // max(1, count))
    for start in range(0, count, rows):
        block = unit[start : start + rows]
        scores = block @ unit.T
        own = torch.arange(len(block), device=unit.device)
        # A row is most similar to itself, and must not be its own neighbour.
        scores[own, start + own] = -torch.inf
        cosines[start : start + rows], found[start : start + rows] = scores.topk(kept, dim=1)
    return found, cosines


def neighbor_graph(
    neighbors: Int[Tensor, "n k"], cosines: Float[Tensor, "n k"], *, exponent: float
) -> Float[Tensor, "n n"]:
    """The normalised graph D^(-1/2) W D^(-1/2), sparse, with W = (A + A^T) / 2 (Iscen et al., equations 9 and 10).

    Args:
        neighbors: indices of each row's neighbours.
        cosines: their cosines; a negative one is no edge.
        exponent: A holds the cosines to this power, so that the nearest neighbours count most.
    """
    count, width = neighbors.shape
    rows = torch.arange(count, device=neighbors.device).repeat_interleave(width)
    columns, weights = neighbors.flatten(), cosines.flatten().clamp(min=0) ** exponent / 2
    both = torch.stack([torch.cat([rows, columns]), torch.cat([columns, rows])])
    # Coalescing adds the two halves of an edge that both of its ends have.
    graph = torch.sparse_coo_tensor(
        both, torch.cat([weights, weights]), (count, count), check_invariants=False
    ).coalesce()
    degree = torch.zeros(count, device=weights.device).index_add_(0, graph.indices()[0], graph.values())
    # A row without an edge has degree 0. It has no entry in the graph, so its scale is never used.
    scale = degree.clamp(min=TINY).rsqrt()
    values = graph.values() * scale[graph.indices()[0]] * scale[graph.indices()[1]]
    normalized = torch.sparse_coo_tensor(
        graph.indices(), values, (count, count), is_coalesced=True, check_invariants=False
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return normalized.to_sparse_csr()  # its products are several times faster


def propagate(
    graph: Float[Tensor, "n n"],
    labels: Float[Tensor, "n c"],
    *,
    mixing: float,
    tolerance: float = 1e-6,
    most: int = 500,
    block_labels: int = BLOCK_LABELS,
) -> Float[Tensor, "n c"]:
    """Spread labels over the graph: (1 - mixing) (I - mixing S)^-1 Y, by conjugate gradients (Iscen et al., 3.2).

    Args:
        graph: S, normalised and symmetric, so that I - mixing S is positive definite.
        labels: Y, a one at the class of each labelled row, zeros in the others.
        mixing: weight of the neighbours against the row's own label, in [0, 1).
        tolerance: the solution is reached if the residual of each class has this length at most, relative to Y's.
        most: largest number of steps.
        block_labels: greatest number of labels that are spread at once; classes do not depend on each other.
    """
    together = max(1, block_labels // len(labels))
    blocks = labels.split(together, dim=1)
    return torch.cat([_solution(graph, block, mixing, tolerance, most) for block in blocks], dim=1)


def _solution(graph: Tensor, labels: Tensor, mixing: float, tolerance: float, most: int) -> Tensor:
    found = torch.zeros_like(labels)
    residual = (1 - mixing) * labels
    direction, size = residual, residual.square().sum(0)
    goal = tolerance**2 * size
    for _ in range(most):
        image = direction - mixing * (graph @ direction)
        # A class without a label has no residual and no direction; 0 / TINY keeps its column at zero.
        step = size / (direction * image).sum(0).clamp(min=TINY**2)
        found = found + step * direction
        residual = residual - step * image
        before, size = size, residual.square().sum(0)
        if (size <= goal).all():
            break
        direction = residual + size / before.clamp(min=TINY**2) * direction
    return found.clamp(min=0)


def spread_labels(
    unit: Float[Tensor, "n d"],
    labels: Int[Tensor, "l"],
    classes: int,
    *,
    neighbors: int,
    exponent: float,
    mixing: float,
    even: bool = False,
) -> Float[Tensor, "m c"]:
    """Probabilities of the classes of the m = n - l unlabelled rows, by labels that spread over a new graph.

    Args:
        unit: rows of length 1, the labelled ones first.
        labels: classes of the labelled rows.
        classes: number of classes, c.
        neighbors: as for `nearest_neighbors`.
        exponent: as for `neighbor_graph`.
        mixing: as for `propagate`.
        even: each class sends out the same mass, however many labels it has.
    """
    search = approximate_neighbors if is_approximate(len(unit), unit.device) else nearest_neighbors
    found = search(unit, neighbors)
    known = F.one_hot(labels, classes).to(unit)
    known = known / known.sum(0).clamp(min=1) if even else known
    unknown = known.new_zeros(len(unit) - len(labels), classes)
    del unit  # may be as large as all that follows, and a caller that passed it on needs it no more
    graph = neighbor_graph(*found, exponent=exponent)
    return class_probabilities(propagate(graph, torch.cat([known, unknown]), mixing=mixing)[len(labels) :])


def class_probabilities(scores: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
    """Non-negative scores divided by their sum; a row of zeros, which no label reached, is uniform."""
    total = scores.sum(1, keepdim=True)
    return torch.where(total > 0, scores / total.clamp(min=torch.finfo(scores.dtype).tiny), 1 / scores.shape[1])


def geometric_mean(first: Float[Tensor, "n c"], second: Float[Tensor, "n c"], share: float) -> Float[Tensor, "n c"]:
    """The weighted geometric mean of two predictions, normalised; `share` is the weight of the first."""
    return (share * first.clamp(min=TINY).log() + (1 - share) * second.clamp(min=TINY).log()).softmax(1)


def certainty(probabilities: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """1 - H(p) / log c in [0, 1] (Iscen et al., equation 11): 1 for one sure class, 0 for a uniform prediction."""
    entropy = -torch.special.xlogy(probabilities, probabilities).sum(1)
    # Probabilities that were rounded to half precision have a sum beside 1, and a uniform one would be less than 0.
    return (1 - entropy / torch.tensor(probabilities.shape[1], dtype=probabilities.dtype).log()).clamp(min=0)
