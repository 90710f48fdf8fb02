"""The recipe for words, run as a user would: from the command line, on a few sentences of made or real data."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORDS = ["Anna", "visited", "Oslo", "with", "Ben", "from", "Acme", "in", "Rome", "."]
TAGS = ["B-PER", "O", "B-LOC", "O", "B-PER", "O", "B-ORG", "O", "B-LOC", "O"]


def run(
    *arguments: str, launcher: tuple[str, ...] = (sys.executable,), **environment: str
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*launcher, *arguments],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=500,
    )


STAGES = yaml.safe_load((ROOT / "recipes" / "configs" / "demo.yaml").read_text())["stages"]
STAGES = [re.sub(r"steps=\d+", "steps=2", stage) for stage in STAGES]
"""The stages of the demo, of two steps each."""


def write_sentences(path: Path, number: int) -> str:
    lines = []
    for i in range(number):
        order = [(i * 3 + k) % len(WORDS) for k in range(4 + i % 5)]
        lines += [f"{WORDS[k]} {TAGS[k]}" for k in order] + [""]
    path.write_text("\n".join(lines))
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("sentences")
    return {
        part: write_sentences(folder / f"{part}.conll", n) for part, n in (("train", 60), ("dev", 12), ("test", 12))
    }


@pytest.fixture(scope="module")
def finished(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What `make demo` does, on few sentences and for few steps."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    accelerate = str(Path(sys.executable).with_name("accelerate"))
    result = run(
        "recipes/run_ner.py", "--config", "recipes/configs/demo.yaml", "--label_ratio", "0.3",
        "--train_file", files["train"], "--validation_file", files["dev"], "--test_file", files["test"],
        "--output_dir", str(folder), "--max_steps", "4", "--logging_steps", "2", "--stages", *STAGES,
        launcher=(accelerate, "launch", "--num_processes", "1", "--num_machines", "1", "--mixed_precision", "no",
                  "--dynamo_backend", "no"),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return folder, result.stdout + result.stderr


def test_the_command_ends_with_a_table_of_both_rows_and_where_the_files_lie(finished: tuple[Path, str]) -> None:
    folder, output = finished
    tail = output[output.rindex("s/step") :]
    assert "fine_tuning" in tail
    assert "self_tuning" in tail
    for file in ("model", "results.md", "results.json", "curves.png", "split.json"):
        assert (folder / file).exists()
    assert "all-MiniLM-L6-v2" in output
    assert "cannot be reached" not in output  # the demo asks for what its packages carry, whatever the Hub says


def test_the_results_file_says_what_was_used_and_what_came_out(finished: tuple[Path, str]) -> None:
    results = json.loads((finished[0] / "results.json").read_text())
    assert results["model"] == "all-MiniLM-L6-v2 (embedded)"
    assert len(results["split_hash"]) == 12
    fine_tuning, self_tuning = results["rows"]
    assert "Self-Tuning" in " ".join(self_tuning["settings"])
    keys = {"method", "preset", "labeled", "unlabeled", "dev_f1", "test_f1", "steps", "seconds_per_step"}
    assert keys <= fine_tuning.keys()
    assert (fine_tuning["method"], fine_tuning["unlabeled"]) == ("fine_tuning", 0)
    assert (self_tuning["labeled"], self_tuning["unlabeled"]) == (18, 42)
    assert fine_tuning["steps"] == self_tuning["steps"] == 4


@pytest.mark.slow
def test_the_model_tags_a_sentence_in_a_process_that_cannot_import_us(finished: tuple[Path, str]) -> None:
    script = (
        "import sys; sys.modules['hf_selftuning'] = None\n"
        "from transformers import pipeline\n"
        f"tagger = pipeline('token-classification', {str(finished[0] / 'model')!r}, aggregation_strategy='simple')\n"
        "print(type(tagger('Anna visited Oslo .')))"
    )
    result = run("-c", script)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "list" in result.stdout


def arguments_of(**flags: str) -> list[str]:
    return [part for name, value in flags.items() for part in (f"--{name}", value)]


@pytest.fixture(scope="module")
def main() -> Callable[[], None]:
    spec = importlib.util.spec_from_file_location("run_ner", ROOT / "recipes" / "run_ner.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def test_a_folder_with_another_run_is_left_alone(main, files, tmp_path, monkeypatch) -> None:
    (tmp_path / "results.json").write_text("{}")
    flags = arguments_of(train_file=files["train"], output_dir=str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["run_ner.py", *flags])
    with pytest.raises(ValueError, match=r"holds another run \(results\.json\); .* --overwrite_output_dir True"):
        main()
    assert (tmp_path / "results.json").read_text() == "{}"


def test_a_name_the_user_gave_is_never_replaced(main, files, tmp_path, monkeypatch) -> None:
    flags = arguments_of(train_file=files["train"], output_dir=str(tmp_path), model_name_or_path="nobody/no-such")
    monkeypatch.setattr(sys, "argv", ["run_ner.py", *flags])
    with pytest.raises(ValueError, match="'nobody/no-such' could not be loaded: the Hub cannot be reached"):
        main()


@pytest.mark.parametrize("ratio", ["0", "-0.5", "1.5"])
def test_a_ratio_that_is_no_share_is_refused(main, files, tmp_path, monkeypatch, ratio: str) -> None:
    flags = arguments_of(train_file=files["train"], output_dir=str(tmp_path), label_ratio=ratio)
    monkeypatch.setattr(sys, "argv", ["run_ner.py", *flags])
    with pytest.raises(ValueError, match="is not a share; give one above 0 and at most 1"):
        main()


def test_a_configuration_with_an_unknown_flag_is_refused(main, tmp_path, monkeypatch) -> None:
    (tmp_path / "flags.yaml").write_text("label_ration: 0.1")
    monkeypatch.setattr(sys, "argv", ["run_ner.py", "--config", str(tmp_path / "flags.yaml")])
    with pytest.raises(ValueError, match="label_ration, which is no flag; --help lists them"):
        main()
