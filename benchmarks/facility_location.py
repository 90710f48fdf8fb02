"""Which unlabelled rows to label next; in shapes: n labelled rows, m unlabelled rows, d width.

Submodularity in Data Subset Selection and Active Learning (Wei, Iyer and Bilmes, ICML 2015),
https://proceedings.mlr.press/v37/wei15.html.
"""

import torch
from torch import Tensor


def suggested(
    known: Tensor,
    pool: Tensor,
    uncertainty: Tensor,
    count: int,
    *,
    exponent: float,
) -> Tensor:
    """Rows that stand for many uncertain rows, which no labelled row and no earlier suggestion stands for.

    How well row i stands for row j is s(i, j), their cosine to the power `exponent`, or 0 if the cosine is negative.
    Row j is covered as well as the best labelled or suggested row stands for it, c_j. Each suggestion is the row with
    the greatest gain, sum over j of u_j * max(0, s(i, j) - c_j), with the uncertainty u_j. This is the greedy
    maximum of the facility location function (Wei et al., section 3).

    Args:
        known: labelled rows (n, d) of length 1.
        pool: unlabelled rows (m, d) of length 1.
        uncertainty: of the unlabelled rows (m,), at least 0.
        count: number of suggestions; fewer if the pool is smaller.
        exponent: a greater one lets a row stand for its nearest neighbours alone.
    """
    likeness = (pool @ pool.T).clamp(min=0) ** exponent
    nothing = pool.new_zeros(len(pool), 1)
    covered = torch.cat([(pool @ known.T).clamp(min=0) ** exponent, nothing], dim=1).amax(1)
    free = torch.ones(len(pool), dtype=torch.bool, device=pool.device)
    chosen: list[Tensor] = []
    for _ in range(min(count, len(pool))):
        gains = (likeness - covered).clamp(min=0) @ uncertainty
        best = gains.masked_fill(~free, -torch.inf).argmax()
        free[best] = False
        covered = torch.maximum(covered, likeness[best])
        chosen.append(best)
    return torch.stack(chosen) if chosen else torch.empty(0, dtype=torch.long, device=pool.device)
