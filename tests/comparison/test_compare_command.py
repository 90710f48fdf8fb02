"""The comparison as users launch it: two processes that share a folder, and two ranks that train together."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import ROOT
from small_data import columns

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
ENVIRONMENT = {
    **os.environ,
    "ACCELERATE_USE_CPU": "true",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}
# `accelerate launch --cpu` starts one process, whatever --num_processes says.
TWO_RANKS = ["torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


@pytest.fixture
def flags(words_model: Path, tmp_path: Path) -> list[str]:
    given = {
        "task": "ner", "label_ratio": 0.5, "output_dir": tmp_path / "out", "model_name_or_path": words_model,
        "train_file": columns(tmp_path / "train.conll", 40), "test_file": columns(tmp_path / "test.conll", 12),
        "max_steps": 4, "per_device_train_batch_size": 2, "use_cpu": True, "save_steps": 2,
    }  # fmt: skip
    return [str(word) for name, value in given.items() for word in (f"--{name}", value)]


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(process: subprocess.Popen) -> str:
    said, errors = process.communicate(timeout=500)
    assert process.returncode == 0, errors[-3000:]
    return said


def test_two_processes_share_the_cells_and_both_end_with_the_table(flags: list[str], tmp_path: Path) -> None:
    words = ["recipes/compare.py", *flags, "--seeds", "0", "1"]
    for said in [finish(process) for process in [start(*words), start(*words)]]:
        assert "# Comparison" in said
    assert len(list((tmp_path / "out").rglob("cell.json"))) == 2 * 3
    assert not list((tmp_path / "out").rglob("claim.*"))


def test_two_ranks_train_each_cell_together(flags: list[str], tmp_path: Path) -> None:
    said = finish(start("-m", *TWO_RANKS, "recipes/compare.py", *flags, "--seeds", "0"))
    assert said.count("# Comparison") == 1
    found = [json.loads(path.read_text()) for path in (tmp_path / "out").rglob("cell.json")]
    assert {cell["cell"]["method"] for cell in found} == {"fine_tuning", "self_tuning", "fine_tuning_same_time"}
    assert {cell["context"]["batch_size"] for cell in found} == {2}
    for cell in found:
        ended = next(line for line in cell["history"] if "train_runtime" in line)
        examples = ended["train_runtime"] * ended["train_samples_per_second"]
        assert round(examples) == 2 * 2 * cell["row"]["steps"]  # a batch of 2 on each of 2 ranks
