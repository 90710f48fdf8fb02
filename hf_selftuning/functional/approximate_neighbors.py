"""Nearest neighbours found approximately, by faiss: for many rows on the processor, where it is installed.

Billion-scale similarity search with GPUs (Johnson et al., 2017), https://arxiv.org/abs/1702.08734.
"""

from importlib.util import find_spec

import torch
from jaxtyping import Float, Int
from torch import Tensor

APPROXIMATE_FROM = 50_000
"""Number of rows from which on faiss is used: the time of the exact search grows with their square."""
CELLS_READ = 16
"""Number of cells that are searched for each row: 91 % of the nearest neighbours of 100,000 rows were found."""


def is_approximate(rows: int, device: torch.device) -> bool:
    """Whether the neighbours of so many rows are found approximately: faiss is installed, and they are many."""
    return rows >= APPROXIMATE_FROM and device.type == "cpu" and find_spec("faiss") is not None


def approximate_neighbors(
    unit: Float[Tensor, "n d"], neighbors: int
) -> tuple[Int[Tensor, "n k"], Float[Tensor, "n k"]]:
    """Indices and cosines of the most similar other rows of each row, among the cells of rows next to it.

    Args:
        unit: rows of length 1.
        neighbors: number of neighbours of a row, k. Where fewer are found, the row itself stands in, with cosine 0.
    """
    import faiss  # the extra `faiss` of this package

    rows = unit.float().numpy()
    count, width = rows.shape
    cells = min(count, int(4 * count**0.5))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.max_points_per_centroid = 40  # enough for the centres of the cells, and it bounds the time
    index.train(rows)
    index.add(rows)
    index.nprobe = CELLS_READ
    cosines, found = (torch.from_numpy(array) for array in index.search(rows, neighbors + 1))
    own = torch.arange(count)[:, None]
    # The row itself is found as well, nearly always first. It and places without a row (-1) go to the end.
    useless = (found == own) | (found < 0)
    order = useless.int().argsort(dim=1, stable=True)[:, :neighbors]
    useless, cosines = useless.gather(1, order), cosines.gather(1, order)
    return torch.where(useless, own, found.gather(1, order)), torch.where(useless, 0.0, cosines)
