"""The built wheel, installed in a folder of its own: it trains, compares and predicts where no repository is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from in_process import ROOT
from small_data import columns, paint
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

pytestmark = pytest.mark.slow
COMMAND = (sys.executable, "-m", "hf_selftuning.cli")
ACCELERATE = str(Path(sys.executable).with_name("accelerate"))
LAUNCHED = (
    ACCELERATE, "launch", "--cpu", "--num_processes", "1", "--num_machines", "1", "--mixed_precision", "no",
    "--dynamo_backend", "no", "-m", "hf_selftuning.cli",
)  # fmt: skip
QUICK = ["--max_steps", "2", "--per_device_train_batch_size", "2", "--use_cpu", "True", "--disable_tqdm", "True"]

Run = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what the build needs, so that nothing else of the repository gets in."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "hf_selftuning", source / "hf_selftuning", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", built, source)
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("site")
    pip("install", "--no-deps", "--target", folder, wheel)
    return folder


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Runs a command in another folder, where Python finds the wheel first; returns what it prints."""

    def run(*words: object, command: tuple[str, ...] = COMMAND) -> str:
        environment = {"PYTHONPATH": str(site), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [*command, *map(str, words)],
            cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True, timeout=500,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


def pip(*words: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *map(str, words), "--no-index", "--quiet", "--disable-pip-version-check"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    package = ROOT / "hf_selftuning"
    ours = {
        str(path.relative_to(ROOT))
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours == {name for name in ZipFile(wheel).namelist() if name.startswith("hf_selftuning/")}


def test_python_finds_the_wheel_and_not_the_repository(run: Run, site: Path) -> None:
    script = "import importlib.util as util; print(util.find_spec('hf_selftuning').origin, util.find_spec('recipes'))"
    assert run("-c", script, command=(sys.executable,)).split() == [str(site / "hf_selftuning/__init__.py"), "None"]


def test_it_trains_on_words_and_predicts(run: Run, words_model: Path, tmp_path: Path) -> None:
    train = columns(tmp_path / "train.conll", 20)
    said = run(
        "train", "ner", "--model_name_or_path", words_model, "--train_file", train, "--output_dir", "run", *QUICK
    )
    assert "self_tuning" in said[said.rindex("s/step") :]
    rows = json.loads((tmp_path / "run" / "results.json").read_text())["rows"]
    assert [(row["method"], row["steps"]) for row in rows] == [("fine_tuning", 2), ("self_tuning", 2)]
    (tmp_path / "new.txt").write_text("Anna visited Oslo .\n")
    for line in run("predict", "run", "new.txt", "--json").splitlines():
        assert json.loads(line)["source"] == "new.txt:1"


def test_accelerate_launches_a_training_on_images_and_it_predicts(run: Run, tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(tmp_path / "vit")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "vit")
    data = paint(tmp_path / "train", 6)
    flags = ["--model_name_or_path", "vit", "--data_dir", data, "--labels_per_class", "2", "--output_dir", "run"]
    run("train", "images", *flags, *QUICK, command=LAUNCHED)
    assert len(json.loads((tmp_path / "run" / "results.json").read_text())["rows"]) == 2
    (line,) = run("predict", "run", data / "red" / "0.png", "--json").splitlines()
    assert json.loads(line)["label"] in ("blue", "green", "red")


def test_it_compares(run: Run, words_model: Path, tmp_path: Path) -> None:
    train, test = columns(tmp_path / "train.conll", 40), columns(tmp_path / "test.conll", 12)
    said = run(
        "compare", "--task", "ner", "--label_ratio", "0.5", "--seeds", "0", "--same_time", "False",
        "--output_dir", "out", "--model_name_or_path", words_model, "--train_file", train,
        "--test_file", test, *QUICK,
    )  # fmt: skip
    assert "# Comparison" in said
    assert len(list((tmp_path / "out").rglob("cell.json"))) == 2
    assert {"table.md", "table.csv", "table.json", "table.tex"} <= {path.name for path in (tmp_path / "out").iterdir()}
