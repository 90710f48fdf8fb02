"""What a pretrained network is shown is what it was pretrained on, as the folder it comes from says."""

from pathlib import Path

import pytest
import tiny
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from transformers import (
    BaseImageProcessor,
    BitImageProcessor,
    ConvNextImageProcessor,
    MobileViTImageProcessor,
    ViTImageProcessor,
)

from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_processors import image_input_of, image_processor_of

HALF = (0.5, 0.5, 0.5)
OTHER = (0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("processor", "look"),
    [
        (ViTImageProcessor(), ImageInput(224, HALF, HALF, "bilinear", 1.0, crop_mode="squash")),
        (
            ViTImageProcessor(size={"height": 48, "width": 48}, resample=3),
            ImageInput(48, HALF, HALF, "bicubic", 1.0, crop_mode="squash"),
        ),
        (
            ViTImageProcessor(do_normalize=False),
            ImageInput(224, (0.0,) * 3, (1.0,) * 3, "bilinear", 1.0, crop_mode="squash"),
        ),
        (
            BitImageProcessor(size={"shortest_edge": 256}, image_mean=OTHER, image_std=HALF),
            ImageInput(224, OTHER, HALF, "bicubic", 0.875),
        ),
        (
            ConvNextImageProcessor(size={"shortest_edge": 64}, crop_pct=0.9, image_mean=OTHER, image_std=HALF),
            ImageInput(64, OTHER, HALF, "bicubic", 0.9),
        ),
        (ConvNextImageProcessor(), ImageInput(384, HALF, HALF, "bicubic", 1.0)),
        (MobileViTImageProcessor(resample=3), ImageInput(256, (0.0,) * 3, (1.0,) * 3, "bicubic", 1.0, "BGR")),
    ],
)
def test_the_processor_beside_a_model_says_what_it_was_shown(
    processor: BaseImageProcessor, look: ImageInput, tmp_path: Path
) -> None:
    model = tiny.vit()
    processor.save_pretrained(tmp_path)
    assert image_input_of(model.config, str(tmp_path)) == look
    assert image_input_of(model.config, str(tmp_path), size=32).size == 32


def test_without_a_processor_it_is_imagenet_at_the_size_of_the_config(tmp_path: Path) -> None:
    model = tiny.vit()
    model.save_pretrained(tmp_path)
    look = image_input_of(model.config, str(tmp_path))
    assert look == ImageInput(model.config.image_size, IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, "bicubic", 0.875)


def test_a_model_that_was_trained_here_is_shown_the_same_again(tmp_path: Path) -> None:
    model, look = tiny.vit(), ImageInput(36, OTHER, HALF, "bilinear", 0.9)
    model.save_pretrained(tmp_path)
    image_processor_of(model, look).save_pretrained(tmp_path)
    assert image_input_of(model.config, str(tmp_path)) == look
