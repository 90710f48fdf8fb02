"""Views of images by timm: weak (crop, flip), strong (also RandAugment and random erasing), plain, and ten crops."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from PIL import Image
from timm.data import create_transform
from torch import Tensor
from torchvision.transforms import v2
from transformers import BaseImageProcessor

from .image_input import ImageInput, as_many
from .one_channel_processor import in_grey

Transform = Callable[[Any], Tensor]


def weak_view(image: ImageInput, *, scale: tuple[float, float] = (0.2, 1.0), flip: bool = True) -> Transform:
    """A transform of PIL images: a random crop, resized, and a random flip.

    Args:
        image: the input that the network expects.
        scale: least and largest share of the image's area in the crop.
        flip: mirror an image with probability 1/2; False for images that mean something else when mirrored.
    """
    return _training(image, scale, flip)


def strong_view(image: ImageInput, *, scale: tuple[float, float] = (0.2, 1.0), flip: bool = True) -> Transform:
    """The weak view, then RandAugment (two operations of magnitude 10) and, with probability 1/2, random erasing.

    Self-Tuning's published code uses RandAugment and cutout likewise. The arguments are those of `weak_view`.
    """
    return _training(image, scale, flip, auto_augment="rand-m10-n2-mstd0.5", re_prob=0.5, re_mode="const")


def _training(image: ImageInput, scale: tuple[float, float], flip: bool, **options: Any) -> Transform:
    transform = create_transform(
        input_size=image.size,
        is_training=True,
        scale=scale,
        hflip=0.5 if flip else 0.0,
        color_jitter=0.0,
        interpolation=image.interpolation,
        mean=as_many(image.mean, 3),
        std=as_many(image.std, 3),
        **options,
    )
    return _in_channels(image, transform)


def plain_view(image: ImageInput) -> Transform:
    """The deterministic transform for evaluation: that of the image processor, else resize and centre crop."""
    if image.processor is not None:
        return partial(processed, image.processor)
    transform = create_transform(
        input_size=image.size,
        is_training=False,
        interpolation=image.interpolation,
        mean=as_many(image.mean, 3),
        std=as_many(image.std, 3),
        crop_pct=image.crop_fraction,
        crop_mode=image.crop_mode,
    )
    return _in_channels(image, transform)


def processed(processor: BaseImageProcessor, picture: Image.Image) -> Tensor:
    """Pixel values (channels, height, width) of one image by an image processor."""
    # Without rescaling, a processor returns bytes. A pipeline converts them as well.
    return processor(picture, return_tensors="pt")["pixel_values"][0].float()


def _in_channels(image: ImageInput, transform: Transform) -> Transform:
    """A transform of images in colour, with its result in the channels that the network takes."""
    return transform if image.channels == "RGB" else partial(_rearranged, transform, image.channels)


def _rearranged(transform: Transform, channels: str, picture: Image.Image) -> Tensor:
    if channels == "L":
        return transform(in_grey(picture).convert("RGB"))[:1]
    return transform(picture)[[2, 1, 0]]


def ten_crop_views(image: ImageInput, *, mirror: bool = True) -> list[Transform]:
    """Ten transforms: four corners, the centre, and their mirror images; the papers sum the logits of all ten.

    Args:
        image: the input that the network expects.
        mirror: False gives the five crops only, for images that mean something else when mirrored.
    """
    side = round(image.size / image.crop_fraction)
    crops = v2.TenCrop(image.size)
    prepare = v2.Compose([v2.Resize((side, side)), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    normalize = v2.Normalize(list(as_many(image.mean, 3)), list(as_many(image.std, 3)))

    def view(number: int) -> Transform:
        return _in_channels(image, lambda picture: normalize(crops(prepare(picture))[number]))

    return [view(number) for number in range(10 if mirror else 5)]
