"""What the recipe for images does with folders, models and flags, in this process and with tiny models."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import timm
import torch
from in_process import Run, recipe, results, runner
from PIL import Image, ImageOps
from small_data import COLOURS, paint
from transformers import AutoModelForImageClassification, ViTConfig, ViTForImageClassification

from hf_selftuning.data.embedded import efficientnet_lite0
from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_transforms import ten_crop_views


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return recipe("run_image_classification")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vit")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(folder)
    return folder


@pytest.fixture
def usual(model: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "model_name_or_path": model,
        "data_dir": paint(tmp_path / "train", 4),
        "test_dir": paint(tmp_path / "test", 2),
        "labels_per_class": 2,
        "image_size": 32,
    }


@pytest.fixture
def run(module: ModuleType, usual: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(module, monkeypatch, tmp_path / "run", **usual)


def test_class_folders_and_more_images_are_counted(run: Run, tmp_path: Path) -> None:
    rows = results(run(unlabeled_dir=paint(tmp_path / "more", 3)))["rows"]
    assert [(row["labeled"], row["unlabeled"]) for row in rows] == [(6, 0), (6, 6 + 9)]
    assert all(row["dev_accuracy"] is None and 0 <= row["test_accuracy"] <= 1 for row in rows)


def test_digits_need_no_file_and_end_with_a_table_of_both_rows(run: Run, capsys: pytest.CaptureFixture) -> None:
    digits = {"data_dir": None, "test_dir": None, "dataset_name": "digits", "labels_per_class": 5}
    rows = results(run(per_device_eval_batch_size=64, **digits))["rows"]
    assert [(row["method"], row["labeled"]) for row in rows] == [("fine_tuning", 50), ("self_tuning", 50)]
    assert all(0 <= row["test_accuracy"] <= 1 for row in rows)
    table = capsys.readouterr().out.rpartition("s/step")[2]
    assert "fine_tuning" in table
    assert "self_tuning" in table


def test_beside_images_of_ones_own_without_classes_all_labels_are_kept_and_none_tests(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    own = {"unlabeled_dir": paint(tmp_path / "more", 3), "labels_per_class": None, "test_dir": None}
    row = results(run(compare_fine_tuning=False, **own))["rows"][0]
    assert (row["labeled"], row["unlabeled"], row["test_accuracy"]) == (12, 9, None)
    said = capsys.readouterr().out
    assert "all 12" in next(line for line in said.splitlines() if "labels kept" in line)
    assert "nothing: no dev or test data" in said
    asked = run(compare_fine_tuning=False, test_share=0.25, output_dir=tmp_path / "tested", **own)
    row = results(asked)["rows"][0]
    assert (row["labeled"], row["unlabeled"]) == (9, 9)
    assert 0 <= row["test_accuracy"] <= 1


def test_all_images_labelled_leaves_the_labelled_contrast(run: Run) -> None:
    row = results(run(labels_per_class=4, compare_fine_tuning=False))["rows"][0]
    assert (row["labeled"], row["unlabeled"]) == (12, 0)


def test_grey_and_palette_images_train(run: Run, tmp_path: Path) -> None:
    data = paint(tmp_path / "modes", 4, ("L", "P", "RGBA", "1"))
    assert results(run(data_dir=data, compare_fine_tuning=False))["rows"][0]["steps"] == 1


def test_a_folder_that_timm_wrote_is_trained_and_saved_as_a_plain_model(run: Run, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = timm.create_model("test_resnet", num_classes=5)
    timm.models.save_for_hf(network, str(tmp_path / "timm"), safe_serialization=True)
    folder = run(model_name_or_path=tmp_path / "timm", learning_rate=0.0, compare_fine_tuning=False)
    saved = AutoModelForImageClassification.from_pretrained(folder / "model")
    assert saved(torch.zeros(1, 3, 32, 32)).logits.shape == (1, 3)
    weights = saved.timm_model.state_dict()
    kept = [name for name, value in network.state_dict().items() if value.ndim > 1 and not name.startswith("fc.")]
    assert kept
    assert all(torch.equal(weights[name], network.state_dict()[name]) for name in kept)


def test_the_recipe_for_photographs_starts_from_the_pool_with_frozen_norms(run: Run) -> None:
    folder = run(recipe="photos", model_name_or_path=None, compare_fine_tuning=False)
    found, row = results(folder), results(folder)["rows"][0]
    assert (row["preset"], row["settings"]["Self-Tuning"]["start"]) == ("pool", "propagate")
    assert found["learning_rate"] == 0.001
    saved = dict(AutoModelForImageClassification.from_pretrained(folder / "model").named_buffers())
    norms = {name: value for name, value in efficientnet_lite0(3).named_buffers() if "running_" in name}
    assert len(norms) > 90
    assert all(torch.equal(saved[name], value) for name, value in norms.items())


def crops(image: Image.Image, side: int, size: int) -> list[Image.Image]:
    """The ten crops, corner by corner."""
    whole, last = image.resize((side, side), Image.Resampling.BILINEAR), side - size
    middle = round(last / 2)
    corners = [(0, 0), (last, 0), (0, last), (last, last), (middle, middle)]
    five = [whole.crop((x, y, x + size, y + size)) for x, y in corners]
    return five + [ImageOps.mirror(crop) for crop in five]


def test_ten_crops_are_summed(run: Run, usual: dict[str, Any]) -> None:
    folder = run(ten_crop=True, compare_fine_tuning=False, max_steps=3)
    net = AutoModelForImageClassification.from_pretrained(folder / "model")
    look = ImageInput.of(net.config, 32)
    mean, std = (torch.tensor(values)[:, None, None] for values in (look.mean, look.std))
    right = []
    for label, name in enumerate(COLOURS):
        for path in sorted((usual["test_dir"] / name).iterdir()):
            seen = [np.asarray(crop) / 255 for crop in crops(Image.open(path).convert("RGB"), 37, 32)]
            batch = torch.stack([(torch.tensor(x).permute(2, 0, 1).float() - mean) / std for x in seen])
            views = torch.stack([view(Image.open(path).convert("RGB")) for view in ten_crop_views(look)])
            with torch.no_grad():
                logits = net(batch).logits.sum(0)
                torch.testing.assert_close(net(views).logits.sum(0), logits, atol=1e-3, rtol=1e-3)
            right.append(int(logits.argmax()) == label)
    assert results(folder)["rows"][0]["test_accuracy"] == pytest.approx(np.mean(right))


def test_what_must_not_be_mirrored_has_five_crops() -> None:
    look = ImageInput(32, (0.5,) * 3, (0.5,) * 3)
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8))
    five, ten = ([view(image) for view in ten_crop_views(look, mirror=mirror)] for mirror in (False, True))
    assert (len(five), len(ten)) == (5, 10)
    assert all(torch.equal(a, b) for a, b in zip(five, ten[:5], strict=True))


def test_broken_images_are_named_before_training_or_passed_over(run: Run, tmp_path: Path) -> None:
    more = paint(tmp_path / "more", 1, classes=["red"])
    for number in range(20):
        (more / f"broken{number}.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"20 of 39 images cannot be opened: .*broken0\.png"):
        run(unlabeled_dir=more)
    row = results(run(unlabeled_dir=more, skip_broken=True, compare_fine_tuning=False))["rows"][0]
    assert row["unlabeled"] == 6 + 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"labels_per_class": 9}, "labels_per_class=9 is more than the 4 examples of the class 'blue'"),
        ({"max_classes": 2}, r"classes=2 is for CUB-200-2011's layout, and data_dir=.* lacks images\.txt"),
        ({"train_flag": 0}, "train_flag=0 with classes=None is for CUB-200-2011's layout"),
        ({"data_dir": None, "dataset_name": "digits"}, "test_dir=.* goes with a data_dir of class folders"),
        ({"dataset_name": "digits"}, "Images need one source"),
        ({"test_share": 0.2}, r"test_share=0\.2 is for data without a test part, and .*test is one"),
        ({"test_share": 1.5, "test_dir": None}, r"test_share=1\.5 is not a share; give 0 for no test part"),
        (
            {"data_dir": None, "test_dir": None, "dataset_name": "digits", "test_share": 0.2},
            "test_share=0.2 is for a data_dir of class folders, and digits has a test part of its own",
        ),
    ],
)
def test_flags_that_do_not_fit_the_data_are_refused(run: Run, flags: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(**flags)


def test_a_single_class_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has 1 sub-folders with images, and a classifier needs two classes"):
        run(data_dir=paint(tmp_path / "one", 4, classes=["red"]))


def test_birds_in_the_layout_of_cub_train(run: Run, data_folder: Path) -> None:
    folder = run(data_dir=data_folder / "cub100", test_dir=None, train_flag=0, max_classes=3, max_steps=2)
    assert [(row["labeled"], row["steps"]) for row in results(folder)["rows"]] == [(6, 2), (6, 2)]
