"""What an image processor says is what a network is shown, in training as in evaluation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    BaseImageProcessor,
    BitImageProcessor,
    CLIPImageProcessor,
    ConvNextImageProcessor,
    EfficientNetImageProcessor,
    ImageGPTImageProcessor,
    LevitImageProcessor,
    MobileViTImageProcessor,
    Siglip2ImageProcessor,
    ViTConfig,
    ViTImageProcessor,
)

from hf_selftuning.data.images.pixels.image_input import ImageInput, channels_of
from hf_selftuning.data.images.pixels.image_processors import default_views, image_input_of, image_processor_of
from hf_selftuning.data.images.pixels.image_transforms import plain_view, ten_crop_views
from hf_selftuning.data.images.pixels.processor_input import input_of_processor

SQUARE = {"height": 32, "width": 32}
SHORT = {"shortest_edge": 36}
STD = (0.47853944, 0.4732864, 0.47434163)
PROCESSORS = [
    ViTImageProcessor(size=SQUARE),
    BitImageProcessor(size=SHORT, crop_size=SQUARE),
    MobileViTImageProcessor(size=SHORT, crop_size=SQUARE),
    MobileViTImageProcessor(size=SHORT, crop_size=SQUARE, do_flip_channel_order=False),
    EfficientNetImageProcessor(size=SQUARE, image_std=STD),
    EfficientNetImageProcessor(size=SQUARE, image_std=STD, include_top=False),
    EfficientNetImageProcessor(size=SQUARE, rescale_offset=True, rescale_factor=1 / 127.5),
    ConvNextImageProcessor(size={"shortest_edge": 32}),
    LevitImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE),
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=SQUARE),
    ViTImageProcessor(size=SQUARE, do_rescale=False, do_normalize=False),
]
COLOUR = (200, 30, 90)


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda processor: type(processor).__name__)
def test_all_views_scale_and_order_colours_as_the_processor_does(processor: BaseImageProcessor) -> None:
    plain = Image.new("RGB", (50, 40), COLOUR)
    own = processor(plain, return_tensors="pt")["pixel_values"][0, :, 16, 16].float()
    for name, view in default_views(tiny.vit().config, processor).items():
        if name != "strong":  # it changes colours
            torch.testing.assert_close(view(plain)[:, 16, 16], own, atol=1e-4 * float(own.abs().max()), rtol=0)
    centre = ten_crop_views(input_of_processor(processor, "RGB"))[4]
    torch.testing.assert_close(centre(plain)[:, 16, 16], own, atol=1e-4 * float(own.abs().max()), rtol=0)


def test_blue_first_and_the_second_division_are_read() -> None:
    assert input_of_processor(MobileViTImageProcessor(), "RGB").channels == "BGR"
    twice = input_of_processor(EfficientNetImageProcessor(size=SQUARE, image_std=STD), "RGB")
    assert twice.std == pytest.approx([value**2 for value in STD], rel=1e-5)


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda processor: type(processor).__name__)
def test_the_plain_view_is_the_processor_and_the_processor_is_saved(
    processor: BaseImageProcessor, tmp_path: Path
) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8))
    processor.save_pretrained(tmp_path / "own")
    image = image_input_of(tiny.vit().config, str(tmp_path / "own"))
    image_processor_of(tiny.vit(), image).save_pretrained(tmp_path / "saved")
    saved = AutoImageProcessor.from_pretrained(tmp_path / "saved")
    own = processor(picture, return_tensors="pt")["pixel_values"][0].float()
    assert torch.equal(plain_view(image)(picture), own)
    assert torch.equal(saved(picture, return_tensors="pt")["pixel_values"][0].float(), own)


@pytest.mark.parametrize("processor", PROCESSORS[:-1], ids=lambda processor: type(processor).__name__)
def test_another_size_changes_the_whole_processor(processor: BaseImageProcessor) -> None:
    image = input_of_processor(processor, "RGB", 64)
    assert (image.size, plain_view(image)(Image.new("RGB", (50, 40))).shape) == (64, (3, 64, 64))


def test_a_processor_without_a_crop_gets_one_where_images_would_differ_in_shape() -> None:
    image = input_of_processor(ViTImageProcessor(size={"shortest_edge": 32}), "RGB")
    assert plain_view(image)(Image.new("RGB", (90, 40))).shape == (3, 32, 32)


@pytest.mark.parametrize(
    ("processor", "message"),
    [
        (lambda: ImageGPTImageProcessor(clusters=[[0.0] * 3, [1.0] * 3], size=SQUARE), "makes input_ids of an image"),
        (Siglip2ImageProcessor, "makes pixel_values, pixel_attention_mask, spatial_shapes of an image"),
        (lambda: ViTImageProcessor(size={"height": 32, "width": 48}), "makes 32 x 48 pixels of an image, and a batch"),
        (lambda: ViTImageProcessor(size=SQUARE, image_std=[-1, 1, 1]), "mixes the colours of an image"),
    ],
)
def test_a_processor_that_no_view_can_follow_is_refused(processor: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        input_of_processor(processor(), "RGB")


# ---- networks of one channel ----


def grey_config(**given: Any) -> ViTConfig:
    return ViTConfig(image_size=32, patch_size=16, num_channels=1, **given)


@pytest.mark.parametrize(
    "processor",
    [None, ViTImageProcessor(size=SQUARE, image_mean=[0.3], image_std=[0.2]), ViTImageProcessor(size=SQUARE)],
)
def test_a_network_of_one_channel_is_shown_grey(processor: BaseImageProcessor | None, tmp_path: Path) -> None:
    if processor is not None:
        processor.save_pretrained(tmp_path)
    image = image_input_of(grey_config(), str(tmp_path))
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 40, 3), dtype=np.uint8))
    shown = plain_view(image)(picture)
    assert (image.channels, shown.shape) == ("L", (1, 32, 32))
    assert torch.equal(plain_view(image)(picture.convert("L")), shown)
    assert all(view(picture).shape == (1, 32, 32) for view in default_views(grey_config(), image.processor).values())


def test_a_saved_folder_says_how_grey_is_made(tmp_path: Path) -> None:
    image = image_input_of(grey_config(), None)
    image_processor_of(tiny.vit(), image).save_pretrained(tmp_path)
    again = image_input_of(grey_config(), str(tmp_path))
    assert (again.size, again.channels, again.mean, again.std) == (image.size, "L", image.mean, image.std)
    own = AutoImageProcessor.from_pretrained(tmp_path, trust_remote_code=True)
    picture = Image.new("RGB", (50, 40), COLOUR)
    assert torch.equal(own(picture, return_tensors="pt")["pixel_values"][0], plain_view(again)(picture))


def test_a_timm_input_of_one_channel_takes_the_mean_of_three() -> None:
    config = tiny.resnet().config
    config.pretrained_cfg = {"input_size": (1, 64, 64), "mean": (0.4, 0.5, 0.6), "std": (0.2,)}
    image = ImageInput.of(config)
    assert (image.channels, image.mean, image.std) == ("L", (pytest.approx(0.5),), (0.2,))


def test_other_numbers_of_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="takes 4 channels, and image files are read as one of grey or three"):
        channels_of(ViTConfig(num_channels=4))
