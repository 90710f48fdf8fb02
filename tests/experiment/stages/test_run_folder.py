"""What a run leaves behind for people: its folder, its card, its model through a pipeline, and what it pushes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from hub_server import OWNER, TOKEN, Hub
from huggingface_hub import ModelCard
from in_process import recipe, results, runner
from PIL import Image
from small_data import paint
from transformers import AutoImageProcessor, PreTrainedModel, ViTConfig, ViTForImageClassification, pipeline

from hf_selftuning import SelfTuningConfig
from hf_selftuning.data.images.pixels.image_input import ImageInput
from hf_selftuning.data.images.pixels.image_processors import image_processor_of
from hf_selftuning.data.images.pixels.image_transforms import plain_view
from hf_selftuning.experiment.running.announcement import expected
from hf_selftuning.experiment.stages.plan import Plan
from hf_selftuning.experiment.stages.stage_text import stage_of
from hf_selftuning.experiment.stages.usual import Usual
from hf_selftuning.modules.method_state import STATE_FILE


@pytest.fixture
def flags(tmp_path: Path) -> dict[str, Any]:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes))
    model.save_pretrained(tmp_path / "vit")
    return {
        "model_name_or_path": tmp_path / "vit",
        "data_dir": paint(tmp_path / "train", 4),
        "test_dir": paint(tmp_path / "test", 2),
        "labels_per_class": 2,
        "image_size": 32,
    }


def test_a_run_is_read_in_its_folder_and_answers_through_a_pipeline(flags, tmp_path, monkeypatch, capsys) -> None:
    folder = runner(recipe("run_image_classification"), monkeypatch, tmp_path / "run", **flags)()
    assert {"results.json", "results.md", "curves.png", "split.json", "run.json", "model", "rows"} == {
        path.name for path in folder.iterdir()
    }
    card = ModelCard.load(folder / "model" / "README.md")
    assert results(folder)["split_hash"] in card.text
    assert "| `self_tuning`" in card.text
    assert "labels_per_class 2, seed 0" in card.text
    output = capsys.readouterr().out
    head = output[: output.index("[1/2]")]
    assert "labels kept       6 of 12 (labels_per_class 2, seed 0)" in head
    assert f"1 x {'cpu' if tiny.ON_CPU else 'cuda'}" in head
    assert "scored on         test" in head
    assert "0.3 over the labelled, 0.3 over the unlabelled" in head  # a step of 2 + 2 of 6 and 6
    answers = pipeline("image-classification", str(folder / "model"), top_k=3)
    images = sorted((tmp_path / "test").rglob("*.png"))
    right = [answers(Image.open(path))[0]["label"] == path.parent.name for path in images]
    assert np.mean(right) == pytest.approx(results(folder)["rows"][1]["test_accuracy"])


def test_the_last_row_is_pushed_and_no_other(hub: Hub, flags, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    hub.refused.add("")  # so that only the flag's token opens it
    run = runner(recipe("run_image_classification"), monkeypatch, tmp_path / "birds", **flags)
    folder = run(push_to_hub=True, hub_token=TOKEN, save_strategy="steps", save_steps=1)
    assert list(hub.files) == [f"{OWNER}/birds"]
    pushed = hub.files[f"{OWNER}/birds"]
    assert pushed["model.safetensors"] == (folder / "model" / "model.safetensors").read_bytes()
    assert {"README.md", "config.json", "preprocessor_config.json"} <= pushed.keys()
    card = ModelCard(pushed["README.md"].decode())
    assert "points of test accuracy (fine-tuning: " in card.text
    assert not [path for path in folder.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_of_earlier_stages_nothing_is_pushed(hub: Hub, flags, tmp_path, monkeypatch) -> None:
    run = runner(recipe("run_image_classification"), monkeypatch, tmp_path / "birds", **flags)
    saving = {"save_strategy": "steps", "save_steps": 1, "compare_fine_tuning": False}
    folder = run(stages=["self_tuning", "distillation"], push_to_hub=True, hub_token=TOKEN, **saving)
    assert list(folder.glob(f"stages/*/1_self_tuning/**/{STATE_FILE}"))
    names = hub.files[f"{OWNER}/birds"]
    assert "model.safetensors" in names
    assert not [name for name in names if "stage" in name or STATE_FILE in name or "optimizer" in name]


def test_a_name_of_others_is_refused_before_the_first_row_trains(hub: Hub, flags, tmp_path, monkeypatch) -> None:
    hub.foreign.add("others/birds")
    run = runner(recipe("run_image_classification"), monkeypatch, tmp_path / "run", **flags)
    with pytest.raises(OSError, match="others/birds exists or belongs to others"):
        run(push_to_hub=True, hub_model_id="others/birds")
    assert not (tmp_path / "run" / "rows").exists()


@pytest.mark.parametrize("make", [tiny.vit, tiny.resnet])
def test_the_processor_beside_the_model_sees_what_the_tests_saw(make, tmp_path: Path) -> None:
    model: PreTrainedModel = make()
    look = ImageInput(48, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), "bilinear", 0.9)
    processor = image_processor_of(model, look)
    model.save_pretrained(tmp_path)
    if processor is not None:
        processor.save_pretrained(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 255, (90, 70, 3), dtype=np.uint8)
    image = Image.fromarray(pixels).resize((140, 180))
    seen = AutoImageProcessor.from_pretrained(tmp_path)(image, return_tensors="pt")["pixel_values"][0]
    torch.testing.assert_close(seen, plain_view(look)(image), atol=0.03, rtol=0)


@pytest.mark.parametrize(
    ("settings", "steps", "passes"),
    [
        ({"max_steps": 10, "gradient_accumulation_steps": 2}, 10, "8.0 over the labelled, 3.6 over the unlabelled"),
        ({"num_train_epochs": 2.0}, 12, "4.8 over the labelled, 2.2 over the unlabelled"),
        ({"max_steps": 5, "unlabeled_batch_ratio": 3}, 5, "2.0 over the labelled, 2.7 over the unlabelled"),
    ],
)
def test_steps_and_passes_are_told_before(settings: dict[str, Any], steps: int, passes: str, tmp_path: Path) -> None:
    config = SelfTuningConfig(str(tmp_path), per_device_train_batch_size=4, use_cpu=True, **settings)
    told = expected(config, [row("self_tuning")], labeled=10, unlabeled=22)
    assert (told["steps"], told["passes"]) == (str(steps), passes)


def row(*stages: str) -> Plan:
    return Plan(tuple(stage_of([stage], Usual(("words",))) for stage in stages))


def test_what_stages_take_is_summed_and_unlabelled_data_is_told_of_rows_that_read_it(tmp_path: Path) -> None:
    config = SelfTuningConfig(str(tmp_path), per_device_train_batch_size=4, use_cpu=True, max_steps=10)
    plans = [row("fine_tuning"), row("tapt:steps=16", "self_tuning:steps=5", "fine_tuning")]
    told = expected(config, plans, labeled=10, unlabeled=22)
    assert told["steps"] == "10, 31 (16 + 5 + 10)"
    assert told["passes"] == (
        "Fine-tuning: 4.0 over the labelled; "  # 10 steps of 4 are 40 of 10 examples
        "TAPT, then Self-Tuning (words), then Fine-tuning: 8.0 over the labelled, "  # 64 of 32, then 20 and 40 of 10
        "2.9 over the unlabelled"  # 64 of 32, then 20 of 22
    )
