"""Views of images by timm: weak (crop, flip), strong (also RandAugment and random erasing), plain, and ten crops."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torch import Tensor
from torchvision.transforms import v2

Transform = Callable[[Any], Tensor]
UNCROPPED = 384
"""From this side on, ConvNeXt's image processor resizes without a crop, whatever its `crop_pct` says."""


@dataclass(frozen=True)
class ImageInput:
    """The images that a network expects: their size, their colours, and how they are resized and cropped.

    Args:
        size: side of the square input, in pixels.
        mean: mean of each channel, subtracted after the pixels were scaled to [0, 1].
        std: standard deviation of each channel, by which the pixels are divided.
        interpolation: of the resizing, by Pillow's name in lower case.
        crop_fraction: share of the resized side that the centre crop of `plain_view` keeps.
    """

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str = "bicubic"
    crop_fraction: float = 0.875

    @classmethod
    def of(cls, config: Any, size: int | None = None, *, processor: Mapping[str, Any] | None = None) -> "ImageInput":
        """The input that a pretrained network was trained with.

        Args:
            config: the model's config. If it holds timm's `pretrained_cfg`, the processor is not read.
            size: side of the input in pixels; None takes that of the pretraining.
            processor: settings of the model's image processor, read if the config has no `pretrained_cfg`. Without
                either, the input has ImageNet's mean and standard deviation and the config's `image_size`, or 224.
        """
        given = dict(getattr(config, "pretrained_cfg", None) or _in_timm_words(processor or {}))
        side = getattr(config, "image_size", None)
        found = resolve_data_config(pretrained_cfg={"input_size": (3, side or 224, side or 224), **given})
        return cls(
            size or found["input_size"][-1],
            tuple(found["mean"]),
            tuple(found["std"]),
            found["interpolation"],
            found["crop_pct"],
        )


def _in_timm_words(processor: Mapping[str, Any]) -> dict[str, Any]:
    """An image processor's settings under timm's names. A resize without a crop gives a crop fraction of 1."""
    resized = processor.get("size") or {}
    cropped = processor.get("crop_size") if processor.get("do_center_crop") else None
    whole, side = (sizes.get("height") or sizes.get("shortest_edge") for sizes in (resized, cropped or resized))
    if not (whole and side):
        return {}
    normalizes = processor.get("do_normalize")  # a class that leaves it None does not normalise
    return {
        "input_size": (3, side, side),
        "mean": processor["image_mean"] if normalizes else (0.0,) * 3,
        "std": processor["image_std"] if normalizes else (1.0,) * 3,
        "interpolation": Image.Resampling(processor["resample"]).name.lower(),
        "crop_pct": (side < UNCROPPED and processor.get("crop_pct")) or min(1.0, side / whole),
    }


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
    return create_transform(
        input_size=image.size,
        is_training=True,
        scale=scale,
        hflip=0.5 if flip else 0.0,
        color_jitter=0.0,
        interpolation=image.interpolation,
        mean=image.mean,
        std=image.std,
        **options,
    )


def plain_view(image: ImageInput) -> Transform:
    """The deterministic transform for evaluation: resize and centre crop."""
    return create_transform(
        input_size=image.size,
        is_training=False,
        interpolation=image.interpolation,
        mean=image.mean,
        std=image.std,
        crop_pct=image.crop_fraction,
    )


def ten_crop_views(image: ImageInput, *, mirror: bool = True) -> list[Transform]:
    """Ten transforms: four corners, the centre, and their mirror images; the papers sum the logits of all ten.

    Args:
        image: the input that the network expects.
        mirror: False gives the five crops only, for images that mean something else when mirrored.
    """
    side = round(image.size / image.crop_fraction)
    crops = v2.TenCrop(image.size)
    prepare = v2.Compose([v2.Resize((side, side)), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    normalize = v2.Normalize(list(image.mean), list(image.std))

    def view(number: int) -> Transform:
        return lambda picture: normalize(crops(prepare(picture))[number])

    return [view(number) for number in range(10 if mirror else 5)]
