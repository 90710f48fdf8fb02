"""The image processor of a network that takes grey. A copy of this file is saved with the model, for pipelines."""

from collections.abc import Mapping
from typing import Any, ClassVar

from PIL import Image
from transformers import BitImageProcessor

SETTINGS = (
    "size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std",
    "do_resize", "do_center_crop", "do_rescale", "do_normalize",
)  # fmt: skip
"""The settings that all image processors name alike."""


class OneChannelImageProcessor(BitImageProcessor):
    """Converts images to grey, then does what `BitImageProcessor` does; no processor of transformers does the former.

    `pipeline("image-classification", model=folder, trust_remote_code=True)` runs the copy in the model's folder.

    Args:
        pretrained_cfg: timm's input of the network. transformers makes the image processor of a timm model from the
            model's config, which has no other setting.
        **given: settings of `BitImageProcessor`, each with one value a channel.
    """

    in_folder: ClassVar[str] = "one_channel_processor.OneChannelImageProcessor"
    """Where a model's folder has this class, in the words of transformers' `auto_map`."""

    def __init__(self, pretrained_cfg: dict[str, Any] | None = None, **given: Any) -> None:
        settings = given if pretrained_cfg is None else settings_of(pretrained_cfg)
        super().__init__(**{**settings, "do_convert_rgb": False})

    def preprocess(self, images: Any, *args: Any, **given: Any) -> Any:
        """Pixel values (images, 1, height, width) of one image or of a list."""
        some = images if isinstance(images, list | tuple) else [images]
        return super().preprocess([in_grey(image) for image in some], *args, **given)


OneChannelImageProcessor.register_for_auto_class("AutoImageProcessor")  # a saved processor gets a copy of this file


def as_one_channel(settings: Mapping[str, Any]) -> OneChannelImageProcessor:
    """The processor that converts images to grey and then does what other settings say; means of several are one.

    Args:
        settings: of the other processor.
    """
    taken = {name: settings[name] for name in SETTINGS if settings.get(name) is not None}
    per_channel = [name for name in ("image_mean", "image_std") if name in taken]
    single: dict[str, Any] = {name: [sum(taken[name]) / len(taken[name])] for name in per_channel}
    # `BitImageProcessor` crops and normalises by default, and an absent setting says that the other does not.
    unsaid: dict[str, Any] = {"do_center_crop": False, "do_normalize": False}
    return OneChannelImageProcessor(**{**unsaid, **taken, **single})


def in_grey(image: Any) -> Any:
    """An image of Pillow in grey; anything else as it is."""
    return image.convert("L") if isinstance(image, Image.Image) else image


def settings_of(pretrained_cfg: dict[str, Any]) -> dict[str, Any]:
    """The settings of `BitImageProcessor` for an input in timm's words."""
    side = pretrained_cfg["input_size"][-1]
    whole = int(side / pretrained_cfg["crop_pct"])
    squash = pretrained_cfg.get("crop_mode") == "squash"
    return {
        "size": {"height": whole, "width": whole} if squash else {"shortest_edge": whole},
        "crop_size": {"height": side, "width": side},
        "resample": Image.Resampling[pretrained_cfg["interpolation"].upper()],
        "image_mean": pretrained_cfg["mean"],
        "image_std": pretrained_cfg["std"],
    }
