"""Trains every method on every task for some steps, under torchrun, and writes what each rank has in the end.

torchrun --standalone --nproc_per_node 2 tests/contract_ranks.py FOLDER
"""

import os
import sys
from itertools import product
from pathlib import Path
from typing import Any

import tiny
import torch

from hf_selftuning import METHODS
from hf_selftuning.tasks import TASKS


def found(method: str, task: str, folder: Path) -> dict[str, Any]:
    """What a rank has after four steps, two of them behind the warm-up of the presets that have one."""
    args = tiny.arguments(folder / method / task, max_steps=4)
    trainer = tiny.trained(tiny.OF_TASK[task], args, methods=[tiny.preset(METHODS[method], TASKS[task].preset)])
    return {"world_size": trainer.args.world_size, "state": trainer.training_module.state_dict()}


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    results = {
        (method, task): found(method, task, folder)
        for method, task in product(METHODS, TASKS)
        if TASKS[task].preset not in METHODS[method].without_meaning
    }
    torch.save(results, folder / f"rank{os.environ['RANK']}.pt")


if __name__ == "__main__":
    main()
