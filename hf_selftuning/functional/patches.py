"""Patches of images in a shuffled order, as pure functions; n images, g rows and columns of a grid, k = g g places.

Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles (Noroozi and Favaro, ECCV 2016),
https://arxiv.org/abs/1603.09246.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

CANDIDATES = 10_000
"""Number of random orders among which distant ones are chosen."""
SHARE = 64 / 75
"""Side of a patch as a share of its cell's, as published: 64 of 75 pixels. The gap hides where cells touch."""


def cut_patches(images: Float[Tensor, "n ch h w"], grid: int, size: tuple[int, int]) -> Float[Tensor, "n k ch p q"]:
    """A patch at a random place of each cell of a grid, resized, row by row.

    Args:
        images: of any size that has at least a pixel for each cell.
        grid: rows and columns of the grid, g.
        size: height and width of a resized patch.
    """
    sides = torch.tensor(images.shape[:1:-1], device=images.device, dtype=images.dtype)  # width, height
    cell = (sides / grid).floor()
    patch = (SHARE * cell).round().clamp(min=1)
    row, column = torch.meshgrid(*[torch.arange(grid, device=images.device)] * 2, indexing="ij")
    corner = torch.stack([column, row], -1).view(1, -1, 2) * cell
    free = torch.rand(len(images), grid**2, 2, device=images.device, dtype=images.dtype)
    middle = corner + (free * (cell - patch + 1)).floor() + patch / 2
    return _resized(images, 2 * middle / sides - 1, patch / sides, size)


def _resized(
    images: Float[Tensor, "n ch h w"], middle: Float[Tensor, "n k 2"], scale: Float[Tensor, "2"], size: tuple[int, int]
) -> Float[Tensor, "n k ch p q"]:
    """Patches around points, given as (x, y) in [-1, 1]; `scale` is their share of the image's width and height."""
    count, places = middle.shape[:2]
    turn = torch.diag(scale).expand(count, places, 2, 2)
    theta = torch.cat([turn, middle[..., None]], -1).flatten(0, 1)
    channels = images.shape[1]
    where = F.affine_grid(theta, [count * places, channels, *size], align_corners=False)
    # All patches of an image lie one below the other in one grid, so that the image is not copied for each.
    where = where.view(count, places * size[0], size[1], 2)
    found = F.grid_sample(images, where, padding_mode="border", align_corners=False)
    return found.view(count, channels, places, *size).transpose(1, 2)


def in_order(patches: Float[Tensor, "n k *shape"], orders: Int[Tensor, "n k"]) -> Float[Tensor, "n k *shape"]:
    """The patches of each image in an order of its own: place j gets patch orders[j]."""
    return patches[torch.arange(len(patches), device=patches.device)[:, None], orders]


@lru_cache(maxsize=4)
def distant_orders(places: int, count: int) -> Int[Tensor, "count k"]:
    """Orders of the places that differ from each other at many places, the same in every run.

    Each is the candidate whose least Hamming distance from those before it is greatest. The paper's is the one whose
    mean distance is greatest, which does not keep two orders from being nearly the same. The candidates are random
    orders, because all 362,880 of nine places take long.

    Raises:
        ValueError: there are not so many orders.
    """
    most = min(math.factorial(places), CANDIDATES // 2)
    if count > most:
        raise ValueError(
            f"{places} patches have at most {most} orders to choose from, and {count} were asked for; give fewer "
            "orders, or a larger grid."
        )
    generator = torch.Generator().manual_seed(0)
    drawn = torch.rand(CANDIDATES, places, generator=generator).argsort(1)
    candidates = torch.cat([torch.arange(places)[None], drawn]).unique(dim=0)
    # As one-hot vectors, the product of two orders is the number of places at which they agree.
    flat = F.one_hot(candidates, places).flatten(1).float()
    chosen, most_equal = [0], torch.zeros(len(candidates))
    for _ in range(count - 1):
        most_equal = torch.maximum(most_equal, flat @ flat[chosen[-1]])
        chosen.append(int(most_equal.argmin()))
    return candidates[chosen]
