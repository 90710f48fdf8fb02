"""Trains every method on every task for some steps, under torchrun, and writes what each rank has in the end.

torchrun --standalone --nproc_per_node 2 tests/support/contract_ranks.py FOLDER
"""

import os
import sys
from pathlib import Path

import contract
import torch


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    results = {
        (method, task): contract.trained_in(method, task, folder / method / task, batch=4)
        for method, task in contract.WITH_MEANING
    }
    torch.save(results, folder / f"rank{os.environ['RANK']}.pt")


if __name__ == "__main__":
    main()
