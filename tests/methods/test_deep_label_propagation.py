"""What label propagation during training promises: labels by diffusion, weighed by certainty and class."""

import math
from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F

from hf_selftuning import DeepLabelPropagation
from hf_selftuning.functional.diffused_labels import balancing_weights, diffused
from hf_selftuning.modules.pool_memory import PoolMemory


def slow_diffusion(features: list[list[float]], labels: list[int], classes: int, k: int, power: float, mixing: float):
    """Equations (7) to (10) with a dense matrix and its inverse, an edge at a time."""
    rows = F.normalize(torch.tensor(features), dim=1).double()
    count = len(rows)
    near = torch.zeros(count, count).double()
    for i in range(count):
        cosines = {j: (rows[i] @ rows[j]).item() for j in range(count) if j != i}
        for j in sorted(cosines, key=cosines.__getitem__)[-k:]:
            near[i, j] = max(0.0, cosines[j]) ** power
    weights = (near + near.T) / 2
    degree = weights.sum(1)
    graph = torch.zeros_like(weights)
    for i in range(count):
        for j in range(count):
            graph[i, j] = weights[i, j] / math.sqrt(degree[i] * degree[j])
    known = torch.zeros(count, classes).double()
    for i, label in enumerate(labels):
        known[i, label] = 1
    found = torch.linalg.solve(torch.eye(count).double() - mixing * graph, known)[len(labels) :]
    return (found / found.sum(1, keepdim=True)).float()


def test_diffusion_is_that_of_the_inverse() -> None:
    torch.manual_seed(0)
    features = (torch.randn(12, 4) + 1).tolist()
    labels = [0, 2, 1, 0]
    found = diffused(
        torch.tensor(features[:4]), torch.tensor(labels), torch.tensor(features[4:]), 3,
        neighbors=3, exponent=3.0, mixing=0.9,
    )  # fmt: skip
    torch.testing.assert_close(found, slow_diffusion(features, labels, 3, 3, 3.0, 0.9), atol=1e-4, rtol=1e-3)


def test_classes_weigh_by_the_inverse_of_their_number() -> None:
    found = balancing_weights(torch.tensor([0, 1, -1]), torch.tensor([0, 0, 1, 0]), 3)
    assert found[:2].tolist() == pytest.approx([6 / 2 / 4, 6 / 2 / 2])
    assert (4 * found[0] + 2 * found[1]).item() == pytest.approx(6), "a mean of 1"


def test_labels_spread_before_training_and_again_over_new_features(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    original = PoolMemory.propagate

    def record(pool: PoolMemory) -> None:
        original(pool)
        seen.append(pool.predictions.float())

    monkeypatch.setattr(PoolMemory, "propagate", record)
    methods = [DeepLabelPropagation(every=3, neighbors=4)]
    tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path, max_steps=4), methods=methods)
    assert len(seen) == 2, "before training, and after three steps"
    assert not torch.equal(seen[0], seen[1])
    torch.testing.assert_close(seen[0].sum(1), torch.ones(22), atol=2e-3, rtol=0)


def test_the_terms_are_weighed_by_class_and_certainty(tmp_path: Path) -> None:
    method = DeepLabelPropagation(weight=0.5)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), model=tiny.vit(dropout=0.0), methods=[method])
    batch = tiny.first_step(trainer)
    objective = trainer.training_module
    torch.manual_seed(0)
    method.pool.predictions.copy_(torch.rand(22, 3).softmax(1))
    method.pool.labels.copy_(torch.tensor(trainer.train_dataset.labels))
    found = objective(batch)[0]
    guesses = method.pool.predictions.float()
    labels = guesses.argmax(1).tolist()
    counts = [(trainer.train_dataset.labels + labels).count(c) for c in range(3)]
    balance = [32 / 3 / count for count in counts]
    known, unknown = (
        trainer.model(**batch[name]["views"]["weak.0"]).logits.log_softmax(1) for name in ("labeled", "unlabeled")
    )
    given = batch["labeled"]["labels"].tolist()
    supervised = [-balance[y] * row[y].item() for row, y in zip(known, given, strict=True)]
    pseudo = []
    for row, place in zip(unknown, batch["unlabeled"]["examples"].tolist(), strict=True):
        entropy = -sum(p * math.log(p) for p in guesses[place].tolist())
        y = labels[place]
        pseudo.append(-balance[y] * (1 - entropy / math.log(3)) * row[y].item())
    assert found["supervised"].item() == pytest.approx(sum(supervised) / 4, rel=1e-4)
    assert found["pseudo_label"].item() == pytest.approx(0.5 * sum(pseudo) / 4, rel=1e-3)
