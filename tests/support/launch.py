"""Starts a script in two processes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

FSDP2 = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
"""What `accelerate launch` sets for a file of its settings that asks for FSDP2."""


def two_ranks(script: Path, folder: Path, **variables: str) -> list[dict[Any, Any]]:
    """What each of two ranks wrote to `rank0.pt` and `rank1.pt` in the folder that the script was given.

    Args:
        script: starts in both processes.
        folder: its argument.
        variables: of the environment.
    """
    paths = os.pathsep.join([str(script.parents[2]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
            str(script), str(folder),
        ],
        # Accelerate's barrier names a GPU for each rank wherever it sees one, also on a CPU.
        env={
            **os.environ, "ACCELERATE_USE_CPU": "true", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1",
            "PYTHONPATH": paths, **variables,
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return [torch.load(folder / f"rank{rank}.pt") for rank in range(2)]
