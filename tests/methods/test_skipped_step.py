"""What every method keeps when an overflow skips a step: the next one goes on as if it had never been."""

import copy
from pathlib import Path

import pytest
import tiny
import torch
from torch import Tensor

from hf_selftuning import METHODS, Method, SelfTuningTrainer
from hf_selftuning.objective import Objective
from hf_selftuning.step import Progress


def trainer_of(folder: Path, method: str) -> SelfTuningTrainer:
    chosen = tiny.preset(METHODS[method], "images", warmup_ratio=0.0)
    return tiny.trainer(tiny.IMAGES, tiny.arguments(folder), model=tiny.vit(dropout=0.0), methods=[chosen])


def state_after(given: Objective, batches: list, *, forget: tuple[int, ...] = ()) -> dict[str, Tensor]:
    """What the methods hold after a step of these batches, some of which were forgotten when they had been seen."""
    objective = copy.deepcopy(given).train()
    objective.progress = Progress(1, 2)
    for number, (batch, weights) in enumerate(batches):
        objective(batch, weights)
        if number in forget:
            objective.reset_step()
    objective.progress = Progress(2, 2)
    objective.after_step()
    return dict(objective.methods.state_dict())


@pytest.mark.parametrize("method", METHODS)
def test_a_step_that_overflowed_leaves_nothing_to_the_next_one(tmp_path: Path, method: str) -> None:
    trainer = trainer_of(tmp_path, method)
    loader = iter(trainer.get_train_dataloader())
    steps = [trainer.get_batch_samples(loader, 1, torch.device("cpu")) for _ in range(2)]
    batches = [(batch, weights) for (batch,), weights in steps]
    tiny.assert_same(
        state_after(trainer.training_module, batches, forget=(0,)), state_after(trainer.training_module, batches[1:])
    )


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].reset_step is not Method.reset_step])
def test_what_is_forgotten_would_have_been_remembered(tmp_path: Path, method: str) -> None:
    trainer = trainer_of(tmp_path, method)
    batches = [tiny.first_step(trainer)]
    remembered, forgotten = (state_after(trainer.training_module, batches, forget=f) for f in ((), (0,)))
    assert any(not torch.equal(remembered[name], forgotten[name]) for name in remembered)
