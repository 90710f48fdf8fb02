"""A head that reads the features of all patches of an image, in their order."""

from jaxtyping import Float
from torch import Tensor, nn


class PatchHead(nn.Module):
    """A projection of each patch's features, all of one image joined, and a linear layer on them.

    Args:
        width: width of a patch's features.
        places: patches of an image, k.
        dim: width of a patch's projection.
        out: width of the result.
    """

    def __init__(self, width: int, places: int, dim: int, out: int) -> None:
        super().__init__()
        self.places = places
        self.patch, self.joined = nn.Linear(width, dim), nn.Linear(places * dim, out)

    def forward(self, features: Float[Tensor, "m d"]) -> Float[Tensor, "n o"]:
        """One result for each image, whose k patches follow one another in the features: m is k n."""
        projected = self.patch(features).relu()
        return self.joined(projected.view(-1, self.places * projected.shape[1]))
