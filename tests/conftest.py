"""Every test runs on one thread, without the Hub, and with the shapes in the library's signatures checked."""

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import jaxtyping

# All modules with shapes in their signatures; not config, whose base class in transformers has defaults that its
# own annotations forbid.
SHAPED = ("distributed", "ema", "losses", "methods", "objective", "queues", "rows", "tasks")
jaxtyping.install_import_hook([f"hf_selftuning.{name}" for name in SHAPED], "beartype.beartype")

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Where the real data lie, for the tests that read them."""
    folder = os.environ.get("HF_SELFTUNING_DATA")
    if folder is None:
        pytest.skip("HF_SELFTUNING_DATA is not set: name the folder that holds the data sets to run this test.")
    return Path(folder)
