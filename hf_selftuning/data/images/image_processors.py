"""From an image processor to the input that a pretrained network expects, and from an input to an image processor."""

import math
from functools import partial
from typing import Any

from PIL import Image
from torch import Tensor
from transformers import AutoImageProcessor, BaseImageProcessor, BitImageProcessor, PreTrainedModel, TimmWrapperConfig

from .image_transforms import ImageInput, Transform, plain_view, strong_view, weak_view


def image_input_of(
    config: Any, source: str | None, *, revision: str | None = None, size: int | None = None
) -> ImageInput:
    """The input that a pretrained network was trained with, from its config or the image processor saved beside it.

    Args:
        config: the model's config.
        source: folder or Hub id of the model; None if there is no image processor to load.
        revision: branch, tag or commit on the Hub.
        size: side of the input in pixels; None takes that of the pretraining.
    """
    if source is None or getattr(config, "pretrained_cfg", None):
        return ImageInput.of(config, size)
    try:
        processor = AutoImageProcessor.from_pretrained(source, revision=revision).to_dict()
    except OSError:  # no image processor was saved
        return ImageInput.of(config, size)
    return ImageInput.of(config, size, processor=processor)


def image_processor_of(model: PreTrainedModel, image: ImageInput) -> BaseImageProcessor | None:
    """An image processor that does the same as `plain_view`, so that a pipeline sees images as the test did.

    A timm model keeps its input in its config. This config is changed here, and None is returned.

    Args:
        model: the model that the processor will be saved with.
        image: the input that the model was trained with.
    """
    if isinstance(model.config, TimmWrapperConfig):
        model.config.pretrained_cfg = {
            **(getattr(model.config, "pretrained_cfg", None) or {}),
            "input_size": [3, image.size, image.size],
            "mean": list(image.mean),
            "std": list(image.std),
            "interpolation": image.interpolation,
            "crop_pct": image.crop_fraction,
        }
        return None
    return BitImageProcessor(
        size={"shortest_edge": math.floor(image.size / image.crop_fraction)},
        crop_size={"height": image.size, "width": image.size},
        resample=Image.Resampling[image.interpolation.upper()],
        image_mean=list(image.mean),
        image_std=list(image.std),
    )


def default_views(config: Any, processor: Any) -> dict[str, Transform]:
    """The views `weak`, `strong` and `plain` of PIL images for a model; empty if nothing states its input.

    The image processor itself is the plain view, so that the model is evaluated on what a pipeline will show it.

    Args:
        config: the model's config. Without an image processor, timm's `pretrained_cfg` in it is read.
        processor: the model's image processor, or anything else, which is ignored.
    """
    if isinstance(processor, BaseImageProcessor):
        image = ImageInput.of(config, processor=processor.to_dict())
        return {"weak": weak_view(image), "strong": strong_view(image), "plain": partial(_processed, processor)}
    if getattr(config, "pretrained_cfg", None):
        image = ImageInput.of(config)
        return {"weak": weak_view(image), "strong": strong_view(image), "plain": plain_view(image)}
    return {}


def _processed(processor: BaseImageProcessor, image: Image.Image) -> Tensor:
    """Pixel values (channels, height, width) of one image."""
    return processor(image, return_tensors="pt")["pixel_values"][0]
