"""The projection head of SimCLR, and a classifier on its first hidden layer."""

from torch import nn


def hidden_layer(width: int) -> nn.Sequential:
    """Linear, norm and ReLU.

    LayerNorm replaces the published BatchNorm, whose statistics would differ from rank to rank.
    """
    return nn.Sequential(nn.Linear(width, width, bias=False), nn.LayerNorm(width), nn.ReLU())


def projector(width: int, dim: int, layers: int) -> nn.Sequential:
    """A head of `layers` linear layers, from features (n, width) to (n, dim)."""
    return nn.Sequential(*(hidden_layer(width) for _ in range(layers - 1)), nn.Linear(width, dim))


def middle_head(width: int, num_classes: int) -> nn.Sequential:
    """The first hidden layer of a projector, followed by a linear classifier."""
    return nn.Sequential(hidden_layer(width), nn.Linear(width, num_classes))
