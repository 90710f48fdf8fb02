"""The input that an image processor makes, read from what it makes of plain colours.

Processors scale and order channels in many ways (MobileViT's blue first, EfficientNet's second division), each under a
setting of its own. What comes out of black, red, green and blue says all of it, for any processor.
"""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from transformers import BaseImageProcessor

from .image_input import ImageInput
from .one_channel_processor import OneChannelImageProcessor, as_one_channel

COLOURS = {"RGB": ["black", "red", "lime", "blue"], "L": ["black", "white"]}
"""In Pillow's words, in which green is darker than lime."""
ORDERS = {(0, 1, 2): "RGB", (2, 1, 0): "BGR", (0,): "L"}
SHAPES = ((80, 60), (60, 80), (70, 70), (70, 70))
"""Width and height of the plain images. They differ, because a network needs one size for all images."""
UNCROPPED = 384
"""From this side on, ConvNeXt's image processor resizes without a crop, whatever its `crop_pct` says."""


def input_of_processor(processor: BaseImageProcessor, channels: str, size: int | None = None) -> ImageInput:
    """The input that an image processor makes.

    Args:
        processor: the image processor.
        channels: `RGB`, or `L` for a network of one channel.
        size: side of the input in pixels; None takes the processor's own.

    Raises:
        ValueError: the processor does not make squares of one size, or does more to a colour than to scale it.
    """
    if channels == "L" and not isinstance(processor, OneChannelImageProcessor):
        processor = as_one_channel(processor.to_dict())
    processor = fixed_size(processor, channels)
    side = outputs(processor, channels)[0].shape[-1]
    if size is not None and size != side:
        processor, side = resized(processor, size / side), size
    made = outputs(processor, channels)
    if any(output.shape[1:] != (side, side) for output in made):
        shapes = sorted({shape_of(output) for output in made})
        raise ValueError(
            f"{type(processor).__name__} makes {' or '.join(shapes)} of an image, "
            f"and a batch needs squares of one size; give its size and crop_size {side} pixels in its "
            "preprocessor_config.json."
        )
    order, mean, std = colours_of(processor, [output[:, side // 2, side // 2] for output in made])
    return ImageInput(side, mean, std, **geometry_of(processor, side), channels=order, processor=processor)


def outputs(processor: BaseImageProcessor, channels: str) -> list[Tensor]:
    """The pixel values (channels, height, width) of each plain colour.

    Raises:
        ValueError: the processor makes something else than pixel values.
    """
    made = []
    for colour, shape in zip(COLOURS[channels], SHAPES, strict=False):
        output = processor(Image.new("RGB", shape, colour), return_tensors="pt")
        if "pixel_values" not in output or output["pixel_values"].ndim != 4 or len(output) != 1:
            raise ValueError(
                f"{type(processor).__name__} makes {', '.join(output)} of an image, and networks that are trained "
                "here take `pixel_values` (images, channels, height, width) alone; take another network."
            )
        made.append(output["pixel_values"][0])
    return made


def shape_of(output: Tensor) -> str:
    """Height and width for messages."""
    return "{} x {} pixels".format(*output.shape[1:])


def fixed_size(processor: BaseImageProcessor, channels: str) -> BaseImageProcessor:
    """The processor, with a centre crop if it has none and its images have different shapes."""
    if len({output.shape for output in outputs(processor, channels)}) == 1:
        return processor
    side = min(min(output.shape[1:]) for output in outputs(processor, channels))
    return changed(processor, do_center_crop=True, crop_size={"height": side, "width": side})


def resized(processor: BaseImageProcessor, factor: float) -> BaseImageProcessor:
    """The processor, with all its sizes multiplied by a factor."""
    settings = processor.to_dict()
    sizes = {name: settings[name] for name in ("size", "crop_size") if isinstance(settings.get(name), Mapping)}
    scaled = {name: {edge: round(factor * side) for edge, side in size.items()} for name, size in sizes.items()}
    return changed(processor, **scaled)


def changed(processor: BaseImageProcessor, **settings: Any) -> BaseImageProcessor:
    """A copy of the processor with other settings."""
    return type(processor).from_dict({**copy.deepcopy(processor.to_dict()), **settings})


def colours_of(processor: BaseImageProcessor, seen: list[Tensor]) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """The order of the channels, and their mean and standard deviation in the order red, green, blue.

    Args:
        processor: the image processor.
        seen: what it makes of a pixel in black, red, green and blue, or in black and white; each (channels,).

    Raises:
        ValueError: the processor does more to a colour than to scale and to order its channels.
    """
    black = seen[0].double()
    slopes = torch.stack([colour.double() - black for colour in seen[1:]], dim=1)
    order = tuple(slopes.abs().argmax(dim=1).tolist())
    scales = slopes.gather(1, torch.tensor(order)[:, None])[:, 0]
    alone = torch.zeros_like(slopes).scatter(1, torch.tensor(order)[:, None], scales[:, None])
    if order not in ORDERS or not torch.allclose(slopes, alone, atol=1e-4) or bool((scales <= 0).any()):
        raise ValueError(
            f"{type(processor).__name__} mixes the colours of an image, and the views of training cannot do the same; "
            "take another network."
        )
    mean, std = ((-black / scales)[list(order)], (1 / scales)[list(order)])
    return ORDERS[order], _rounded(mean), _rounded(std)


def _rounded(values: Tensor) -> tuple[float, ...]:
    """The values in six digits, which gives 0.485 for the float 0.48500001."""
    return tuple(float(f"{value:.6g}") + 0.0 for value in values.tolist())


def geometry_of(processor: BaseImageProcessor, side: int) -> dict[str, Any]:
    """How the processor resizes and crops, in timm's words. The views of training read the interpolation alone.

    Args:
        processor: the image processor.
        side: of its output, in pixels.
    """
    settings = processor.to_dict()
    size = settings.get("size") or {}
    cropped = settings.get("do_center_crop")
    whole = (size.get("height") or size.get("shortest_edge") or side) if cropped else side
    share = (side < UNCROPPED and settings.get("crop_pct")) or min(1.0, side / whole)
    return {
        "interpolation": Image.Resampling(settings.get("resample") or Image.Resampling.BICUBIC).name.lower(),
        "crop_fraction": share,
        "crop_mode": "squash" if size.get("height") else "center",
    }
