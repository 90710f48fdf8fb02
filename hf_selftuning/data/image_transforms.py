"""Views of images by timm: weak (crop and flip), strong (RandAugment and erasing besides), and the test crops."""

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
"""From this side on ConvNeXt's processor resizes without a crop, whatever its `crop_pct`."""


@dataclass(frozen=True)
class Look:
    """What a network wants to see.

    Args:
        size: side of the square input, in pixels.
        mean: of the channels.
        std: of the channels.
        interpolation: of the resizing.
        crop_fraction: share of the resized side that the test crop keeps.
    """

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str = "bicubic"
    crop_fraction: float = 0.875

    @classmethod
    def of(cls, config: Any, size: int | None = None, *, processor: Mapping[str, Any] | None = None) -> "Look":
        """What a pretrained network was shown.

        Args:
            config: the model's; timm's `pretrained_cfg` in it says all.
            size: another side than the pretraining's.
            processor: settings of the image processor beside the model, asked where the config says nothing; without
                one ImageNet's figures and the config's `image_size` are taken.
        """
        given = dict(getattr(config, "pretrained_cfg", None) or _told_by(processor or {}))
        side = getattr(config, "image_size", None)
        found = resolve_data_config(pretrained_cfg={"input_size": (3, side or 224, side or 224), **given})
        return cls(
            size or found["input_size"][-1],
            tuple(found["mean"]),
            tuple(found["std"]),
            found["interpolation"],
            found["crop_pct"],
        )


def _told_by(processor: Mapping[str, Any]) -> dict[str, Any]:
    """An image processor's settings in timm's words; a plain resize is a crop of all there is."""
    resized = processor.get("size") or {}
    cropped = processor.get("crop_size") if processor.get("do_center_crop") else None
    whole, side = (sizes.get("height") or sizes.get("shortest_edge") for sizes in (resized, cropped or resized))
    if not (whole and side):
        return {}
    normalizes = processor.get("do_normalize")  # where a class leaves it open, it does not
    return {
        "input_size": (3, side, side),
        "mean": processor["image_mean"] if normalizes else (0.0,) * 3,
        "std": processor["image_std"] if normalizes else (1.0,) * 3,
        "interpolation": Image.Resampling(processor["resample"]).name.lower(),
        "crop_pct": (side < UNCROPPED and processor.get("crop_pct")) or min(1.0, side / whole),
    }


def weak_view(look: Look, *, scale: tuple[float, float] = (0.2, 1.0), flip: bool = True) -> Transform:
    """Random resized crop and flip."""
    return _training(look, scale, flip)


def strong_view(look: Look, *, scale: tuple[float, float] = (0.2, 1.0), flip: bool = True) -> Transform:
    """The weak view with RandAugment (2 operations of magnitude 10) and random erasing, as Self-Tuning's cutout."""
    return _training(look, scale, flip, auto_augment="rand-m10-n2-mstd0.5", re_prob=0.5, re_mode="const")


def _training(look: Look, scale: tuple[float, float], flip: bool, **options: Any) -> Transform:
    return create_transform(
        input_size=look.size,
        is_training=True,
        scale=scale,
        hflip=0.5 if flip else 0.0,
        color_jitter=0.0,
        interpolation=look.interpolation,
        mean=look.mean,
        std=look.std,
        **options,
    )


def test_view(look: Look) -> Transform:
    """Resize and centre crop."""
    return create_transform(
        input_size=look.size,
        is_training=False,
        interpolation=look.interpolation,
        mean=look.mean,
        std=look.std,
        crop_pct=look.crop_fraction,
    )


def ten_crop_views(look: Look, *, mirror: bool = True) -> list[Transform]:
    """Four corners, centre, and their mirror images, one view each; their logits are summed, as in the papers.

    Args:
        look: what the network wants to see.
        mirror: without it, the five crops alone, for what means something else in a mirror.
    """
    side = round(look.size / look.crop_fraction)
    crops = v2.TenCrop(look.size)
    prepare = v2.Compose([v2.Resize((side, side)), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    normalize = v2.Normalize(list(look.mean), list(look.std))

    def view(number: int) -> Transform:
        return lambda image: normalize(crops(prepare(image))[number])

    return [view(number) for number in range(10 if mirror else 5)]
