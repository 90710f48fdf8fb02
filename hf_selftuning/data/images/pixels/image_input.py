"""The images that a network expects: size, colours, channels, and how they are resized and cropped."""

from dataclasses import dataclass, field
from typing import Any

from timm.data import resolve_data_config
from transformers import BaseImageProcessor


@dataclass(frozen=True)
class ImageInput:
    """The images that a network expects: their size, their colours, and how they are resized and cropped.

    Args:
        size: side of the square input, in pixels.
        mean: mean of each channel, subtracted after the pixels were scaled to [0, 1]; in the order red, green, blue.
        std: standard deviation of each channel, by which the pixels are divided.
        interpolation: of the resizing, by Pillow's name in lower case.
        crop_fraction: share of the resized side that the centre crop of `plain_view` keeps.
        channels: `RGB`; `BGR` for a network that takes blue first; `L` for one that takes grey.
        crop_mode: `center` keeps the shape of things, `squash` makes a square of the whole, `border` pads to one.
        processor: the image processor that makes the plain view; None is timm's transform.
    """

    size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str = "bicubic"
    crop_fraction: float = 0.875
    channels: str = "RGB"
    crop_mode: str = "center"
    processor: BaseImageProcessor | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, config: Any, size: int | None = None) -> "ImageInput":
        """The input that a model's config states, without an image processor.

        Without timm's `pretrained_cfg` it has ImageNet's mean and standard deviation, and the config's `image_size`
        or 224 pixels.

        Args:
            config: the model's config.
            size: side of the input in pixels; None takes that of the pretraining.

        Raises:
            ValueError: the model takes neither one nor three channels.
        """
        given = dict(getattr(config, "pretrained_cfg", None) or {})
        side = getattr(getattr(config, "vision_config", config), "image_size", None) or 224
        found = resolve_data_config(pretrained_cfg={"input_size": (3, side, side), **given})
        channels = channels_of(config)
        width = len(channels)
        return cls(
            size or found["input_size"][-1],
            as_many(found["mean"], width),
            as_many(found["std"], width),
            found["interpolation"],
            found["crop_pct"],
            channels,
            found["crop_mode"],
        )


def channels_of(config: Any) -> str:
    """`L` for a model of one channel, `RGB` for one of three.

    Raises:
        ValueError: the model takes another number of channels.
    """
    of_timm = (getattr(config, "pretrained_cfg", None) or {}).get("input_size") or (3,)
    of_others = getattr(getattr(config, "vision_config", config), "num_channels", of_timm[0])
    number = (getattr(config, "model_args", None) or {}).get("in_chans") or of_others
    if number not in (1, 3):
        raise ValueError(
            f"The network takes {number} channels, and image files are read as one of grey or three of colour; "
            "take a network of one or three, or make `pixel_values` yourself by the dataset's set_transform."
        )
    return "L" if number == 1 else "RGB"


def as_many(values: Any, number: int) -> tuple[float, ...]:
    """The values, or their mean where one is needed: a network of colour that was made one of grey has three."""
    return tuple(values) if len(values) == number else (sum(values) / len(values),) * number
