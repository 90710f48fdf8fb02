"""The loader obeys the arguments of Trainer's own loader."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import tiny
from torch.utils.data import DataLoader

OF_LOADER = {
    "dataloader_num_workers": ("num_workers", 1),
    "dataloader_persistent_workers": ("persistent_workers", True),
    "dataloader_prefetch_factor": ("prefetch_factor", 3),
    "dataloader_in_order": ("in_order", False),
}


def loader(folder: Path, **given: Any) -> DataLoader:
    """The training's, as Accelerate hands it on; no worker starts before it is read."""
    return tiny.trainer(tiny.WORDS, tiny.arguments(folder, **given)).get_train_dataloader()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> DataLoader:
    """A loader with another value than the default for each argument."""
    values = {name: value for name, (_, value) in OF_LOADER.items()}
    return loader(tmp_path_factory.mktemp("asked"), dataloader_multiprocessing_context="spawn", **values)


@pytest.mark.parametrize(("attribute", "value"), OF_LOADER.values(), ids=OF_LOADER)
def test_an_argument_reaches_the_loader(asked: DataLoader, attribute: str, value: Any) -> None:
    assert getattr(asked, attribute) == value


def test_the_start_method_of_the_workers_reaches_the_loader(asked: DataLoader) -> None:
    assert asked.multiprocessing_context.get_start_method() == "spawn"


def test_workers_may_be_spawned_for_what_they_get_can_be_pickled(asked: DataLoader) -> None:
    pickle.loads(pickle.dumps((asked.dataset, asked.collate_fn)))


def test_workers_that_are_not_waited_for_are_said_to_make_a_run_that_cannot_be_resumed_exactly(
    asked: DataLoader, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loader(tmp_path, dataloader_num_workers=2, dataloader_in_order=False)
    assert "dataloader_in_order=False lets a batch overtake another" in caplog.text
    caplog.clear()
    loader(tmp_path, dataloader_in_order=False)
    assert "dataloader_in_order" not in caplog.text  # one process has one order
