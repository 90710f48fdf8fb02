"""What a pipeline must do with an image before the model, kept beside it so that others see what training saw."""

import math
from typing import Any

from PIL import Image
from transformers import AutoImageProcessor, BaseImageProcessor, BitImageProcessor, PreTrainedModel, TimmWrapperConfig

from .image_transforms import Look


def look_of(config: Any, source: str | None, *, revision: str | None = None, size: int | None = None) -> Look:
    """What a pretrained network was shown, as its config or the image processor beside it says.

    Args:
        config: the model's.
        source: folder or Hub id, or None for the embedded network.
        revision: branch, tag or commit on the Hub.
        size: another side than the pretraining's.
    """
    if source is None or getattr(config, "pretrained_cfg", None):
        return Look.of(config, size)
    try:
        processor = AutoImageProcessor.from_pretrained(source, revision=revision).to_dict()
    except OSError:  # none was saved
        return Look.of(config, size)
    return Look.of(config, size, processor=processor)


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
