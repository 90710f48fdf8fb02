"""The files for launches: accelerate reads them, and the script for a cluster starts what it says."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file
from accelerate.commands.launch import launch_command_parser
from accelerate.utils import DistributedType
from safetensors.torch import load_file
from small_data import columns
from transformers import AutoModelForTokenClassification

FOLDER = Path(__file__).parents[2] / "recipes" / "accelerate"
SLURM = FOLDER / "slurm.sh"
NODES = {"SLURM_JOB_NODELIST": "node[3-4]", "SLURM_NNODES": "2", "SLURM_GPUS_ON_NODE": "8", "SLURM_NODEID": "1"}


@pytest.mark.parametrize("name", ["ddp", "fsdp2", "multi_node", "fsdp2_multi_node"])
def test_accelerate_reads_the_file(name: str) -> None:
    config = load_config_from_file(str(FOLDER / f"{name}.yaml"))
    assert isinstance(config, ClusterConfig)
    sharded = name.startswith("fsdp2")
    assert config.distributed_type == (DistributedType.FSDP if sharded else DistributedType.MULTI_GPU)
    assert config.fsdp_config.get("fsdp_version") == (2 if sharded else None)
    assert config.num_machines == (2 if name.endswith("multi_node") else 1)


def recipe_by_two_ranks(config: Path, model: Path, folder: Path) -> dict[str, torch.Tensor]:
    """The weights that the recipe for words saves, launched with a file of accelerate's settings."""
    accelerate = Path(sys.executable).with_name("accelerate")
    folder.mkdir()
    flags = {
        "model_name_or_path": model, "train_file": columns(folder / "train.conll", 20), "label_ratio": 0.5,
        "validation_file": columns(folder / "dev.conll", 6), "test_file": columns(folder / "test.conll", 6),
        "output_dir": folder / "run", "max_steps": 2, "logging_steps": 1, "per_device_train_batch_size": 2,
        "methods": "self_tuning", "use_cpu": True,
    }  # fmt: skip
    words = [str(word) for name, value in flags.items() for word in (f"--{name}", value)]
    launch = ["launch", "--config_file", str(config), "--num_processes", "2"]
    done = subprocess.run(
        [str(accelerate), *launch, "recipes/run_ner.py", *words],
        cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=500, check=False,
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    rows = json.loads((folder / "run" / "results.json").read_text())["rows"]
    assert [row["steps"] for row in rows] == [2, 2]
    saved = next((folder / "run").rglob("model.safetensors"))
    assert AutoModelForTokenClassification.from_pretrained(saved.parent).config.architectures == [
        "BertForTokenClassification"
    ]
    return load_file(saved)


@pytest.mark.slow
@pytest.mark.distributed
@pytest.mark.timeout(1200)
def test_a_recipe_trains_with_sharded_weights_whichever_ranks_read_them(words_model: Path, tmp_path: Path) -> None:
    every_rank = recipe_by_two_ranks(FOLDER / "fsdp2.yaml", words_model, tmp_path / "every")
    flag = "fsdp_cpu_ram_efficient_loading: "
    text = (FOLDER / "fsdp2.yaml").read_text()
    assert f"{flag}false" in text
    (tmp_path / "first.yaml").write_text(text.replace(f"{flag}false", f"{flag}true"))
    first_rank = recipe_by_two_ranks(tmp_path / "first.yaml", words_model, tmp_path / "first")
    torch.testing.assert_close(first_rank, every_rank, rtol=0, atol=0)


def commands_of_a_cluster(folder: Path) -> None:
    """Stand-ins: `srun` runs its command as the second machine, and `accelerate` writes down what it was given."""
    said = folder / "said"
    for name, text in {
        "scontrol": "echo node3; echo node4",
        "srun": '"$@"',
        "accelerate": f'printf "%s\\n" "$@" > {said}',
    }.items():
        (folder / name).write_text(f"#!/bin/bash\n{text}\n")
        (folder / name).chmod(0o755)


def launched(folder: Path, **more: str) -> argparse.Namespace:
    """What the script gives `accelerate launch` on the second of two machines."""
    commands_of_a_cluster(folder)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", str(SLURM), "recipes/run_ner.py", "--output_dir", "a folder"]
    subprocess.run(command, env={"PATH": path, **NODES, **more}, check=True, timeout=60)
    launch, *words = (folder / "said").read_text().splitlines()
    assert launch == "launch"
    return launch_command_parser().parse_args(words)


def test_the_cluster_starts_a_launcher_on_each_machine(tmp_path: Path) -> None:
    given = launched(tmp_path)
    assert (given.num_machines, given.num_processes, given.machine_rank) == (2, 16, 1)
    assert (given.main_process_ip, given.main_process_port) == ("node3", 29500)
    assert (FOLDER.parents[1] / given.config_file).is_file()
    assert given.training_script == "recipes/run_ner.py"
    assert given.training_script_args == ["--output_dir", "a folder"]


def test_a_job_that_the_cluster_starts_again_resumes(tmp_path: Path) -> None:
    given = launched(tmp_path, SLURM_RESTART_COUNT="1", CONFIG="recipes/accelerate/multi_node.yaml")
    assert given.training_script_args[-2:] == ["--resume_from_checkpoint", "True"]
    assert given.config_file == "recipes/accelerate/multi_node.yaml"


def test_the_cluster_is_asked_for_one_task_on_each_machine() -> None:
    lines = [line.removeprefix("#SBATCH ") for line in SLURM.read_text().splitlines() if line.startswith("#SBATCH")]
    asked = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("job-name", "time", "open-mode", "output"):
        asked.add_argument(f"--{name}", required=True)
    for name in ("nodes", "ntasks-per-node", "gpus-per-node", "cpus-per-task"):
        asked.add_argument(f"--{name}", type=int, required=True)
    asked.add_argument("--requeue", action="store_true")
    found = asked.parse_args(lines)
    assert found.ntasks_per_node == 1
    assert found.requeue
