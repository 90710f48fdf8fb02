"""Trains on poisoned data behind the gate, under torchrun, and writes what each rank has in the end.

torchrun --standalone --nproc_per_node 2 tests/support/health_ranks.py FOLDER
"""

import os
import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[1] / "monitoring"))  # pytest puts a test's folder there, torchrun does not
import test_health


def main() -> None:
    folder, rank = Path(sys.argv[1]), os.environ["RANK"]
    gated = test_health.trainer(folder / "run", poison=True, safety_gate=True, per_device_train_batch_size=2)
    gated.train()
    # Lines of the log lie in every rank's state, each with the share the rank went by.
    found = {
        "world_size": gated.args.world_size,
        "shares": test_health.share_by_step(gated),
        "state": dict(gated.training_module.state_dict()),
    }
    torch.save(found, folder / f"rank{rank}.pt")


if __name__ == "__main__":
    main()
