"""Self-Tuning with what the start knows: labels by example, filled queues, labels that are propagated again."""

from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from hf_selftuning import SelfTuningTrainer
from hf_selftuning.core.step import Step
from hf_selftuning.methods import SelfTuning
from hf_selftuning.modules.head_start import pool_predictions
from hf_selftuning.modules.pool_memory import PoolMemory


def trainer_of(out: Path, kind: Any = tiny.IMAGES, *, steps: int = 4, **settings: Any) -> SelfTuningTrainer:
    method = SelfTuning(start="propagate", projector_dim=8, queue_size=4, publish_order=False, **settings)
    return tiny.trainer(kind, tiny.arguments(out, max_steps=steps), methods=[method])


def reported(trainer: SelfTuningTrainer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Train; examples and pseudo-labels of each step."""
    seen = []

    def report(step: Step, labels: torch.Tensor, used: torch.Tensor) -> None:
        seen.append((step.examples("unlabeled").clone(), labels.clone()))

    monkeypatch.setattr(Step, "report_pseudo_labels", report)
    trainer.train()
    return seen


def test_an_example_keeps_the_label_of_the_start_while_the_pool_has_the_whole_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = trainer_of(tmp_path, pool_share=1.0)
    seen = reported(trainer, monkeypatch)
    known = trainer.training_module.methods[0].pool.predictions.float().argmax(1)
    assert len(seen) == 4
    for examples, labels in seen:
        assert torch.equal(labels, known[examples])


def test_a_share_is_a_geometric_mean_of_pool_and_network() -> None:
    memory = PoolMemory(labeled=1, unlabeled=3, classes=3, width=2)
    known, logits = torch.tensor([[0.7, 0.2, 0.1]]), torch.tensor([[0.1, 2.0, -1.0]])
    memory.learn(torch.tensor([2]), known)
    expected = known**0.25 * logits.softmax(1) ** 0.75
    found = memory.mixed(logits, torch.tensor([2]), 0.25).softmax(1)
    torch.testing.assert_close(found, expected / expected.sum(), atol=1e-3, rtol=1e-3)


def test_labels_are_propagated_again_over_the_newest_features(tmp_path: Path) -> None:
    trainer = trainer_of(tmp_path, steps=3, pool_share=0.5, propagate_every=2)
    trainer.prepare_methods()
    pool = trainer.training_module.methods[0].pool
    before, features = pool.predictions.clone(), pool.features.clone()
    trainer.train()
    assert not torch.equal(before, pool.predictions)
    # Written by the last step too, after the last propagation; then one more is made by hand.
    changed = (features != pool.features).any(1)
    assert changed[: pool.labeled].any()
    assert changed[pool.labeled :].any()
    pool.propagate()
    rows = pool.features.float()
    expected = pool_predictions(rows[: pool.labeled], pool.labels, rows[pool.labeled :], 3)
    torch.testing.assert_close(pool.predictions.float(), expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("preset", ["pool", "texts", "few_texts"])
def test_another_start_takes_what_needs_the_pool_out_of_a_preset(preset: str) -> None:
    method = SelfTuning.from_preset(preset, start="none")
    assert isinstance(method, SelfTuning)
    assert (method.pool_share, method.propagate_every) == (0.0, None)
    with pytest.raises(ValueError, match="start is none; add start=propagate, or leave pool_share out"):
        SelfTuning.from_preset(preset, start="none", pool_share=0.5)


@pytest.mark.parametrize("setting", [{"pool_share": 0.5}, {"propagate_every": 3}])
def test_what_uses_the_start_needs_it(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"uses what start=propagate finds out about the pool, and start is probe"):
        SelfTuning(start="probe", **setting)


def test_what_is_propagated_again_needs_a_share_in_the_labels() -> None:
    with pytest.raises(ValueError, match=r"propagate_every=50 renews the predictions .* pool_share is 0; give"):
        SelfTuning.from_preset("pool", pool_share=0.0)


def test_words_have_several_rows_an_example(tmp_path: Path) -> None:
    trainer = trainer_of(tmp_path, tiny.WORDS, pool_share=0.5)
    with pytest.raises(ValueError, match="one prediction for each example, and here examples have several rows"):
        trainer.prepare_methods()


@pytest.mark.parametrize("method", ["self_tuning:pool_share=0.5,start=propagate", "deep_label_propagation"])
def test_a_pool_that_has_grown_needs_a_new_trainer(tmp_path: Path, method: str) -> None:
    trainer = tiny.trained(tiny.TEXTS, tiny.arguments(tmp_path, max_steps=2), methods=method)
    trainer.unlabeled_dataset = tiny.texts(2 * len(trainer.unlabeled_dataset), 1)
    with pytest.raises(ValueError, match="unlabeled_dataset has more now; make a new trainer"):
        trainer.train()
