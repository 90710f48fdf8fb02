"""The images that a run shows its network, in a size that the network takes."""

import torch
from transformers import PreTrainedModel

from ...data.images.pixels.image_input import ImageInput
from ...data.images.pixels.image_processors import image_input_of
from ..pretrained.model_choice import Pretrained


def input_for(model: PreTrainedModel, pretrained: Pretrained, *, size: int | None, asked: bool) -> ImageInput:
    """The input of a run's network, which was tried with one image.

    Args:
        model: the network.
        pretrained: where it is from.
        size: side of the input in pixels; None takes that of the pretraining.
        asked: whether the user named the size. One that the user did not name gives way to that of the pretraining.

    Raises:
        ValueError: the network does not take images of this size.
    """
    own = image_input_of(model.config, pretrained.source, revision=pretrained.revision)
    if size is None or size == own.size:
        return _tried(model, own, f"the image processor beside {pretrained.title} makes them; correct its size")
    given = image_input_of(model.config, pretrained.source, revision=pretrained.revision, size=size)
    if not asked and _complaint(model, given):
        return own
    way_out = f"leave --image_size out for images of {own.size} pixels, or name a network that takes any size"
    return _tried(model, given, way_out)


def _tried(model: PreTrainedModel, image: ImageInput, way_out: str) -> ImageInput:
    complaint = _complaint(model, image)
    if complaint:
        raise ValueError(
            f"The network cannot read images of {image.size} x {image.size} pixels ({complaint}); {way_out}."
        )
    return image


def _complaint(model: PreTrainedModel, image: ImageInput) -> str:
    """The first line of the network's error for such an image; empty if it has none."""
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, len(image.channels), image.size, image.size))
    except Exception as error:  # each network has its own kind of error
        return f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
    return ""
