"""Inputs that a method makes from views: mixed examples, rotated images; letters in shapes: n examples, c classes."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor


def mixing_weights(size: int, alpha: float, device: torch.device) -> Float[Tensor, "n"]:
    """max(w, 1 - w) with w ~ Beta(alpha, alpha): at least one half, so each example keeps most of itself.

    MixMatch (arXiv 1905.02249) equations (8) and (9).
    """
    concentration = torch.full((size,), alpha, device=device)
    # To validate the arguments, the host would wait for the device.
    weights = torch.distributions.Beta(concentration, concentration, validate_args=False).sample()
    return torch.maximum(weights, 1 - weights)


def interpolate(
    first: Float[Tensor, "n *shape"], second: Float[Tensor, "n *shape"], weights: Float[Tensor, "n"]
) -> Float[Tensor, "n *shape"]:
    """w first + (1 - w) second, with one weight for each example: MixMatch equations (10) and (11)."""
    # The weights get the shape (n, 1, 1, 1), so that all channels and pixels of an example share one.
    return torch.lerp(second, first, weights.to(first.dtype).view(-1, *[1] * (first.ndim - 1)))


def random_interpolation(first: Float[Tensor, "n c"], second: Float[Tensor, "n c"]) -> Float[Tensor, "n c"]:
    """w first + (1 - w) second, with w ~ U(0, 1) for each logit: AdaMatch (arXiv 2106.04732), in float32."""
    first, second = first.float(), second.float()
    return torch.lerp(second, first, torch.rand_like(first))


def mix_up(
    views: Sequence[Mapping[str, Tensor]], targets: Float[Tensor, "n c"], alpha: float
) -> tuple[dict[str, Tensor], Float[Tensor, "n c"]]:
    """All examples of several views, each mixed with one drawn from all of them; their targets are mixed too.

    Args:
        views: model inputs of the same names and shapes, except for the number of examples.
        targets: class distributions of the examples, in the order of the views.
        alpha: parameter of the Beta distribution of the weights.
    """
    weights = mixing_weights(len(targets), alpha, targets.device)
    # The same draw mixes inputs and targets, or a mixed image would have the label of another mixture.
    partners = torch.randperm(len(targets), device=targets.device)
    together = {name: torch.cat([view[name] for view in views]) for name in views[0]}
    mixed = {name: interpolate(values, values[partners], weights) for name, values in together.items()}
    return mixed, interpolate(targets, targets[partners], weights)


def turned(inputs: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Int[Tensor, "n"]]:
    """Rotate square images (n, channels, side, side) by random quarter turns; also return the numbers of turns (n,).

    Raises:
        ValueError: the inputs are not square images alone.
    """
    name, images = only_images(inputs)
    if images.shape[2] != images.shape[3]:
        raise ValueError(
            f"ReMixMatch turns square images by quarters, and a batch has {name} {tuple(images.shape)}; make the "
            "images square, or leave the turns out with rotation_weight=0."
        )
    quarters = torch.randint(4, (len(images),), device=images.device)
    all_four = _four_turns(images)
    return {name: all_four[quarters, torch.arange(len(images), device=images.device)]}, quarters


def turned_by_all(inputs: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Int[Tensor, "m"]]:
    """Every square image (n, channels, side, side) rotated by 0, 1, 2 and 3 quarters, and the numbers of quarters.

    The four turns follow one another: first all images as they are, then all turned by one quarter.

    Raises:
        ValueError: the inputs are not square images alone.
    """
    name, images = only_images(inputs)
    if images.shape[2] != images.shape[3]:
        raise ValueError(
            f"A network that tells quarter turns apart reads square images, and a batch has {name} "
            f"{tuple(images.shape)}; make the images square, or take another stage, such as jigsaw."
        )
    quarters = torch.arange(4, device=images.device).repeat_interleave(len(images))
    return {name: _four_turns(images).flatten(0, 1)}, quarters


def _four_turns(images: Float[Tensor, "n ch s s"]) -> Float[Tensor, "4 n ch s s"]:
    # rot90 turns a whole batch. To turn each image by itself would launch a kernel for each.
    return torch.stack([torch.rot90(images, k, (2, 3)) for k in range(4)])


def only_images(inputs: Mapping[str, Tensor]) -> tuple[str, Float[Tensor, "n ch h w"]]:
    """Name and values of the images, which must be the only input.

    Raises:
        ValueError: there are other inputs, or the only one is no batch of images.
    """
    (name, images), *others = inputs.items()
    if others or images.ndim != 4:
        shapes = ", ".join(f"{name} {tuple(values.shape)}" for name, values in inputs.items())
        raise ValueError(
            f"A method that turns or cuts images reads pixel values (n, channels, height, width) alone, and a batch "
            f"has {shapes}; take a model that reads nothing else, or another method."
        )
    return name, images
