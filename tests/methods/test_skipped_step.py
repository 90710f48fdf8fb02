"""What every method keeps when an overflow skips a step: what was gathered for it is forgotten."""

import copy
from pathlib import Path

import pytest
import tiny
import torch
from torch import Tensor

from hf_selftuning import METHODS
from hf_selftuning.core.objective import Objective
from hf_selftuning.core.step import Progress

WITH_MEMORY = [
    "self_tuning", "bi_tuning", "flexmatch", "freematch", "debiasmatch", "remixmatch", "softmatch", "adamatch",
    "simmatch", "pirl", "deep_label_propagation",
]  # fmt: skip


@pytest.fixture
def state_after(tmp_path: Path, method: str):
    """What a method holds after a step, in which a batch was seen or not, and forgotten or not."""
    chosen = tiny.preset(METHODS[method], "images", warmup_ratio=0.0)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), model=tiny.vit(dropout=0.0), methods=[chosen])
    batch = tiny.first_step(trainer)
    start: Objective = trainer.training_module

    def step(*, seen: bool, forgotten: bool = False) -> dict[str, Tensor]:
        objective = copy.deepcopy(start).train()
        objective.progress = Progress(1, 2)
        if seen:
            objective(batch)
        if forgotten:
            objective.reset_step()
        objective.progress = Progress(2, 2)
        objective.after_step()
        return dict(objective.methods.state_dict())

    return step


@pytest.mark.parametrize("method", METHODS)
def test_a_step_that_overflowed_leaves_nothing_to_the_next_one(state_after) -> None:
    tiny.assert_same(state_after(seen=True, forgotten=True), state_after(seen=False))


@pytest.mark.parametrize("method", WITH_MEMORY)
def test_what_is_forgotten_would_have_been_remembered(state_after) -> None:
    remembered, nothing = state_after(seen=True), state_after(seen=False)
    assert any(not torch.equal(remembered[name], nothing[name]) for name in nothing)
