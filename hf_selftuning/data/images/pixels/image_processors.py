"""From a pretrained network to the input that it expects, and from an input to the image processor that is saved."""

import math
from dataclasses import replace
from typing import Any

from PIL import Image
from transformers import AutoImageProcessor, BaseImageProcessor, BitImageProcessor, PreTrainedModel, TimmWrapperConfig

from .image_input import ImageInput, channels_of
from .image_transforms import Transform, plain_view, strong_view, weak_view
from .one_channel_processor import OneChannelImageProcessor
from .processor_input import input_of_processor


def image_input_of(
    config: Any, source: str | None, *, revision: str | None = None, size: int | None = None
) -> ImageInput:
    """The input that a pretrained network was trained with, from its config or the image processor saved beside it.

    Args:
        config: the model's config.
        source: folder or Hub id of the model; None if there is no image processor to load.
        revision: branch, tag or commit on the Hub.
        size: side of the input in pixels; None takes that of the pretraining.

    Raises:
        ValueError: the model takes neither one nor three channels, or its processor makes no squares of one size.
    """
    if source is None or getattr(config, "pretrained_cfg", None):
        return _with_saved_processor(config, ImageInput.of(config, size))
    try:
        own = one_channel_processor(source, revision) or AutoImageProcessor.from_pretrained(source, revision=revision)
    except OSError:  # no image processor was saved
        return _with_saved_processor(config, ImageInput.of(config, size))
    return input_of_processor(own, channels_of(config), size)


def _with_saved_processor(config: Any, image: ImageInput) -> ImageInput:
    """The input, with a plain view by the image processor that will be saved; timm's models have none."""
    if image.channels == "RGB" and isinstance(config, TimmWrapperConfig):
        return image
    return replace(image, processor=_plain_processor(image))


def _plain_processor(image: ImageInput) -> BaseImageProcessor:
    """An image processor that resizes, crops and scales as the input says."""
    whole, side = math.floor(image.size / image.crop_fraction), image.size
    kind = OneChannelImageProcessor if image.channels == "L" else BitImageProcessor
    return kind(
        size={"height": whole, "width": whole} if image.crop_mode == "squash" else {"shortest_edge": whole},
        crop_size={"height": side, "width": side},
        resample=Image.Resampling[image.interpolation.upper()],
        image_mean=list(image.mean),
        image_std=list(image.std),
    )


def one_channel_processor(source: str, revision: str | None = None) -> OneChannelImageProcessor | None:
    """The image processor that was saved with a network of one channel; None for any other model.

    transformers does not know its class, and would run the copy in the model's folder only with `trust_remote_code`.
    """
    try:
        settings, _ = OneChannelImageProcessor.get_image_processor_dict(source, revision=revision)
    except OSError:  # no image processor was saved
        return None
    known = settings.get("image_processor_type") == OneChannelImageProcessor.__name__
    return OneChannelImageProcessor.from_dict(settings) if known else None


def image_processor_of(model: PreTrainedModel, image: ImageInput) -> BaseImageProcessor | None:
    """The image processor that does the same as `plain_view`, so that a pipeline sees images as the test did.

    A timm model keeps its input in its config. This config is changed here, and None is returned, unless the network
    has one channel.

    Args:
        model: the model that the processor will be saved with.
        image: the input that the model was trained with.

    Raises:
        ValueError: no image processor does the same.
    """
    processor = image.processor
    if isinstance(model.config, TimmWrapperConfig):
        model.config.pretrained_cfg = {
            **(getattr(model.config, "pretrained_cfg", None) or {}),
            **_in_timm_words(image),
        }
        if image.channels == "L":
            # transformers makes the image processor of a timm model from the settings of the model.
            model.config.image_processor_type = OneChannelImageProcessor.__name__
            model.config.auto_map = {"AutoImageProcessor": OneChannelImageProcessor.in_folder}
        elif processor is None:
            return None
    return processor or _plain_processor(image)


def _in_timm_words(image: ImageInput) -> dict[str, Any]:
    return {
        "input_size": [len(image.channels), image.size, image.size],
        "mean": list(image.mean),
        "std": list(image.std),
        "interpolation": image.interpolation,
        "crop_pct": image.crop_fraction,
        "crop_mode": image.crop_mode,
    }


def default_views(config: Any, processor: Any) -> dict[str, Transform]:
    """The views `weak`, `strong` and `plain` of PIL images for a model; empty if nothing states its input.

    The image processor itself is the plain view, so that the model is evaluated on what a pipeline will show it.

    Args:
        config: the model's config. Without an image processor, timm's `pretrained_cfg` in it is read.
        processor: the model's image processor, or anything else, which is ignored.
    """
    if isinstance(processor, BaseImageProcessor):
        image = input_of_processor(processor, channels_of(config))
    elif getattr(config, "pretrained_cfg", None):
        image = ImageInput.of(config)
    else:
        return {}
    return {"weak": weak_view(image), "strong": strong_view(image), "plain": plain_view(image)}
