"""What a pipeline must do with an image before the model, kept beside it so that others see what training saw."""

import math

from PIL import Image
from transformers import BaseImageProcessor, BitImageProcessor, PreTrainedModel, TimmWrapperConfig

from .transforms import Look


def processor_of(model: PreTrainedModel, look: Look) -> BaseImageProcessor | None:
    """The image processor that does as `test_view`; None for timm's models, which keep it in their config.

    Args:
        model: a timm model's config is changed to the look.
        look: size, crop and colours that the model was trained with.
    """
    if isinstance(model.config, TimmWrapperConfig):
        model.config.pretrained_cfg = {
            **(getattr(model.config, "pretrained_cfg", None) or {}),
            "input_size": [3, look.size, look.size],
            "mean": list(look.mean),
            "std": list(look.std),
            "interpolation": look.interpolation,
            "crop_pct": look.crop_fraction,
        }
        return None
    return BitImageProcessor(
        size={"shortest_edge": math.floor(look.size / look.crop_fraction)},
        crop_size={"height": look.size, "width": look.size},
        resample=Image.Resampling[look.interpolation.upper()],
        image_mean=list(look.mean),
        image_std=list(look.std),
    )
