"""The recipe for images, run as a user would, on scikit-learn's digits and a small input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow  # test_recipe_images.py trains on digits in this process, with a tiny network


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("images") / "run"
    result = subprocess.run(
        [sys.executable, "recipes/run_image_classification.py", "--dataset_name", "digits", "--labels_per_class", "5",
         "--image_size", "32", "--max_steps", "3", "--per_device_train_batch_size", "4", "--output_dir", str(folder)],
        cwd=ROOT, env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return folder, result.stdout


def test_the_command_ends_with_a_table_of_both_rows(finished: tuple[Path, str]) -> None:
    tail = finished[1][finished[1].rindex("s/step") :]
    assert "fine_tuning" in tail
    assert "self_tuning" in tail
    rows = json.loads((finished[0] / "results.json").read_text())["rows"]
    assert [row["labeled"] for row in rows] == [50, 50]
    assert 0 <= rows[1]["test_accuracy"] <= 1


def test_the_model_loads_in_a_process_that_cannot_import_us(finished: tuple[Path, str]) -> None:
    script = (
        "import sys; sys.modules['hf_selftuning'] = None\n"
        "import torch\n"
        "from transformers import AutoModelForImageClassification\n"
        f"model = AutoModelForImageClassification.from_pretrained({str(finished[0] / 'model')!r})\n"
        "print(model(torch.zeros(1, 3, 32, 32)).logits.shape, model.config.id2label[9])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "torch.Size([1, 10]) 9" in result.stdout
