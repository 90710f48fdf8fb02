"""Every test runs on one thread, without the Hub, and with the shapes in the library's signatures checked."""

import os
from pathlib import Path

import jaxtyping
import pytest
import torch

# All with shapes in their signatures. Not config: the dataclass in transformers that it extends has defaults which
# its own annotations forbid.
SHAPED = (
    "distributed", "ema", "labeling", "losses", "methods", "mixing", "objective", "pseudo_labels", "queues", "rows",
    "running", "tasks",
)  # fmt: skip

# Both before the first import of the library, and of what it imports.
os.environ["HF_HUB_OFFLINE"] = "1"
jaxtyping.install_import_hook([f"hf_selftuning.{name}" for name in SHAPED], "beartype.beartype")
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Where the real data lie, for the tests that read them."""
    folder = os.environ.get("HF_SELFTUNING_DATA")
    if folder is None:
        pytest.skip("HF_SELFTUNING_DATA is not set: name the folder that holds the data sets to run this test.")
    return Path(folder)
