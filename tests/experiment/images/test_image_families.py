"""The saved folder of every family of networks answers in a pipeline as the trainer scored it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
import transformers
from datasets import Dataset
from PIL import Image
from small_data import paint
from transformers import pipeline

from hf_selftuning.data.images.readings.image_data import CLOSED
from hf_selftuning.experiment.command.flags import BudgetArguments, ModelArguments
from hf_selftuning.experiment.images.image_flags import ImageConfig, ImageDataArguments
from hf_selftuning.experiment.images.image_setup import ImageSetup
from hf_selftuning.experiment.stages.stage_text import stage_of
from hf_selftuning.experiment.stages.stage_training import Start
from hf_selftuning.experiment.stages.usual import Usual

SQUARE = {"height": 32, "width": 32}
WIDE = {"shortest_edge": 36}
SHORT = {"shortest_edge": 32}
PATCHES = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "image_size": 32,
    "patch_size": 16,
}  # fmt: skip
TEXT = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 50,
}  # fmt: skip
WINDOWS = {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4}
STEPS = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}
BLOCKS = {"embedding_size": 8, **STEPS}
PYRAMID = {**STEPS, "num_attention_heads": [1, 1, 2, 2]}
MOBILE = {"hidden_sizes": [16, 16, 16], "neck_hidden_sizes": [8, 8, 16, 16, 16, 16, 32], "num_attention_heads": 2}
DINO = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 28, "patch_size": 14,
    "mlp_ratio": 2,
}  # fmt: skip
LEVIT = {
    "image_size": 64, "hidden_sizes": [16, 32, 48], "num_attention_heads": [1, 2, 3], "depths": [1, 1, 1],
    "key_dim": [4, 4, 4], "down_ops": [["Subsample", 4, 4, 4, 2, 2], ["Subsample", 4, 8, 4, 2, 2]],
}  # fmt: skip
HIERA = {
    "embed_dim": 8, "image_size": [64, 64], "depths": [1, 1, 1, 1], "num_heads": [1, 1, 1, 1], "patch_size": [7, 7],
    "patch_stride": [4, 4], "patch_padding": [3, 3],
}  # fmt: skip
HGNET = {
    "stem_channels": [3, 8, 8], "stage_in_channels": [8, 8, 16, 16], "stage_mid_channels": [8, 8, 8, 8],
    "stage_out_channels": [8, 16, 16, 16], "stage_num_blocks": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 16],
    "embedding_size": 8,
}  # fmt: skip
PERCEIVER = {
    "num_latents": 4, "d_latents": 16, "image_size": 32, "num_blocks": 1, "num_self_attends_per_block": 1,
    "num_self_attention_heads": 2, "num_cross_attention_heads": 2,
}  # fmt: skip
SMALL = {"image_size": 64, "width_coefficient": 0.2, "depth_coefficient": 0.2, "hidden_dim": 256}
BOTH = {"vision_config": PATCHES, "text_config": TEXT}
SIXTY_FOUR = {"height": 64, "width": 64}
CROP = {"size": WIDE, "crop_size": SQUARE}
CROP_28 = {"size": SHORT, "crop_size": {"height": 28, "width": 28}}
CROP_64 = {"size": {"shortest_edge": 72}, "crop_size": SIXTY_FOUR}
OFFSET = {"size": SIXTY_FOUR, "rescale_offset": True, "rescale_factor": 1 / 127.5}

FAMILIES: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "vit": ("ViT", PATCHES, "ViT", {"size": SQUARE}),
    "deit": ("DeiT", PATCHES, "DeiT", {"size": {"height": 36, "width": 36}, "crop_size": SQUARE}),
    "beit": ("Beit", PATCHES, "Beit", {"size": SQUARE, "do_center_crop": False}),
    "data2vec": ("Data2VecVision", PATCHES, "Beit", {"size": SQUARE, "do_center_crop": False}),
    "vit_msn": ("ViTMSN", PATCHES, "ViT", {"size": SQUARE}),
    "ijepa": ("IJepa", PATCHES, "ViT", {"size": SQUARE}),
    "vit_grey": ("ViT", {**PATCHES, "num_channels": 1}, "ViT", {"size": SQUARE}),
    "swin": ("Swin", WINDOWS, "ViT", {"size": SQUARE}),
    "swinv2": ("Swinv2", WINDOWS, "ViT", {"size": SQUARE}),
    "convnext": ("ConvNext", STEPS, "ConvNext", {"size": SHORT}),
    "convnextv2": ("ConvNextV2", STEPS, "ConvNext", {"size": SHORT}),
    "resnet": ("ResNet", {**BLOCKS, "layer_type": "basic"}, "ConvNext", {"size": SHORT}),
    "regnet": ("RegNet", {**BLOCKS, "groups_width": 8}, "ConvNext", {"size": SHORT}),
    "bit": ("Bit", {"embedding_size": 32, "hidden_sizes": [32] * 4, "depths": [1] * 4, "num_groups": 1}, "Bit", CROP),
    "mobilenet_v1": ("MobileNetV1", {"depth_multiplier": 0.25, "image_size": 32}, "MobileNetV1", CROP),
    "mobilenet_v2": ("MobileNetV2", {"depth_multiplier": 0.25, "image_size": 32}, "MobileNetV2", CROP),
    "mobilevit": ("MobileViT", {"image_size": 32, **MOBILE}, "MobileViT", CROP),
    "mobilevitv2": ("MobileViTV2", {"image_size": 64, "width_multiplier": 0.25}, "MobileViT", CROP_64),
    "efficientnet": ("EfficientNet", SMALL, "EfficientNet", {"size": SIXTY_FOUR, "image_std": [0.47, 0.48, 0.49]}),
    "efficientnet_offset": (
        "EfficientNet", SMALL, "EfficientNet", OFFSET
    ),
    "dinov2": ("Dinov2", DINO, "Bit", CROP_28),
    "dinov2_registers": ("Dinov2WithRegisters", DINO, "Bit", CROP_28),
    "siglip": ("Siglip", BOTH, "Siglip", {"size": SQUARE}),
    "clip": ("CLIP", BOTH, "CLIP", {"size": SHORT, "crop_size": SQUARE}),
    "levit": ("Levit", LEVIT, "Levit", {"size": {"shortest_edge": 64}, "crop_size": SIXTY_FOUR}),
    "poolformer": ("PoolFormer", STEPS, "PoolFormer", {"size": SHORT, "crop_size": SQUARE}),
    "pvt": ("Pvt", {"image_size": 32, **PYRAMID}, "Pvt", {"size": SQUARE}),
    "pvt_v2": ("PvtV2", {"image_size": 32, **PYRAMID}, "Pvt", {"size": SQUARE}),
    "segformer": ("Segformer", PYRAMID, "Segformer", {"size": SQUARE}),
    "swiftformer": ("SwiftFormer", {"depths": [1] * 4, "embed_dims": [8, 8, 16, 16]}, "ViT", {"size": SQUARE}),
    "focalnet": (
        "FocalNet",
        {"image_size": 32, "embed_dim": 8, "depths": [1, 1], "focal_levels": [1, 1], "focal_windows": [3, 3]},
        "Bit",
        CROP,
    ),
    "hiera": ("Hiera", HIERA, "Bit", {"size": {"shortest_edge": 70}, "crop_size": SIXTY_FOUR}),
    "hgnet_v2": ("HGNetV2", HGNET, "Bit", CROP),
    "perceiver": ("Perceiver", PERCEIVER, "Perceiver", {"size": SQUARE, "crop_size": SQUARE}),
}  # fmt: skip
"""Of each family the names of its classes and the settings of a tiny network and of its image processor."""
QUICK = ("vit_grey", "mobilevit", "efficientnet", "deit")
TEACHERS = {"deit": "DeiTForImageClassificationWithTeacher", "levit": "LevitForImageClassificationWithTeacher"}
OTHER_NAMES = {"perceiver": "PerceiverForImageClassificationLearned", **TEACHERS}


def of_timm(name: str, **given: Any) -> Callable[[Path], None]:
    return lambda folder: timm.models.save_for_hf(
        timm.create_model(name, num_classes=5, **given), folder, safe_serialization=True
    )


def of_transformers(name: str) -> Callable[[Path], None]:
    family, sizes, processor, settings = FAMILIES[name]

    def save(folder: Path) -> None:
        config = getattr(transformers, f"{family}Config")(**sizes)
        getattr(transformers, OTHER_NAMES.get(name, f"{family}ForImageClassification"))(config).save_pretrained(folder)
        getattr(transformers, f"{processor}ImageProcessor")(**settings).save_pretrained(folder)

    return save


NETWORKS = {name: of_transformers(name) for name in FAMILIES} | {
    "timm_resnet": of_timm("test_resnet"),
    "timm_vit": of_timm("test_vit"),
    "timm_grey": of_timm("test_resnet", in_chans=1),
}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]
)
def test_the_saved_pipeline_gives_the_logits_of_the_trainer(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    NETWORKS[name](tmp_path / "network")
    setup, paths = setup_of(tmp_path / "network", tmp_path), photographs(tmp_path)
    torch.manual_seed(0)
    trainer = setup.make_trainer(stage_of(["fine_tuning"], Usual(("images",))), setup.config, Start())
    trainer.save_model(str(tmp_path / "saved"))
    part = Dataset.from_dict({"image": paths}).cast_column("image", CLOSED)
    scored = trainer.predict(part).predictions
    grey = name.endswith("grey")  # the folder holds the code that makes grey images, and a pipeline asks for trust
    ask: Any = pipeline("image-classification", str(tmp_path / "saved"), trust_remote_code=grey or None, device="cpu")
    for path, logits in zip(paths, scored, strict=True):
        shown = ask.image_processor(Image.open(path), return_tensors="pt")["pixel_values"][0]
        torch.testing.assert_close(setup.task._plain(Image.open(path)), shown, atol=1e-5, rtol=0)
        answers = {answer["label"]: answer["score"] for answer in ask(path, top_k=9, function_to_apply="none")}
        given = [answers[trainer.model.config.id2label[label]] for label in range(len(logits))]
        np.testing.assert_allclose(given, logits, atol=1e-4, rtol=1e-4)
    trainer.create_model_card()
    card = (Path(str(setup.config.output_dir)) / "README.md").read_text()
    assert ("trust_remote_code=True)" in card) == ("lets the pipeline run it" in card) == grey


def setup_of(network: Path, folder: Path) -> ImageSetup:
    """The setup of a run on small images, as the command makes it from flags."""
    return ImageSetup.from_flags(
        ModelArguments(model_name_or_path=str(network)),
        ImageDataArguments(data_dir=str(paint(folder / "data", 2)), test_dir=str(paint(folder / "test", 1))),
        BudgetArguments(labels_per_class=1),
        ImageConfig(output_dir=str(folder / "run"), use_cpu=True),
    )


def photographs(folder: Path) -> list[str]:
    """Upright and wide pictures of noise."""
    generator, paths = np.random.default_rng(0), [str(folder / "wide.png"), str(folder / "tall.png")]
    for path, shape in zip(paths, ((50, 80, 3), (90, 40, 3)), strict=True):
        Image.fromarray(generator.integers(0, 256, shape, dtype=np.uint8)).save(path)
    return paths
