"""Bi-Tuning: both contrasts against loops over the queued keys."""

import math
from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F

from hf_selftuning.methods import BiTuning


def contrast(query: torch.Tensor, own: torch.Tensor, label: int, keys: list[tuple[torch.Tensor, int]]) -> float:
    """Mean over the positives of minus the log of their share in all keys."""
    score = {i: math.exp((query @ key).item() / 0.07) for i, (key, _) in enumerate(keys)}
    first = math.exp((query @ own).item() / 0.07)
    total = first + sum(score.values())
    positives = [first, *(score[i] for i, (_, of) in enumerate(keys) if of == label)]
    return -sum(math.log(value / total) for value in positives) / len(positives)


def test_both_contrasts_equal_loops_over_queued_keys(tmp_path: Path) -> None:
    method = BiTuning(queue_size=4, projector_dim=8, momentum=0.5)
    args = tiny.arguments(tmp_path, max_steps=3, use_cpu=True)
    trainer = tiny.trained(tiny.IMAGES, args, model=tiny.vit(dropout=0.0), methods=[method])
    batch = tiny.first_step(trainer)
    module, views, labels = trainer.training_module, batch["labeled"]["views"], batch["labeled"]["labels"]
    rows = module.read(trainer.model, views["weak.0"], None)
    key_features = module.read(method.key_encoder.module, views["weak.1"], None).features
    head = trainer.model.classifier

    def queued(queue) -> list[tuple[torch.Tensor, int]]:
        places = queue.filled.nonzero().tolist()
        assert len(places) > 6
        return [(queue.read()[c, slot], c) for c, slot in places]

    by_class, by_projection = [], []
    for i, label in enumerate(labels.tolist()):
        own = torch.cat([rows.features[i], torch.ones(1)])
        vector = torch.cat([head.weight[label], head.bias[label : label + 1]])
        by_class.append(contrast(vector / vector.norm(), own / own.norm(), label, queued(method.features)))
        query = F.normalize(method.projector(rows.features[i]), dim=0)
        key = F.normalize(method.key_projector(key_features[i]), dim=0)
        by_projection.append(contrast(query, key, label, queued(method.projections)))
    terms = module(batch)[0]
    assert terms["contrast_classifier"].item() == pytest.approx(sum(by_class) / len(by_class), rel=1e-4)
    assert terms["contrast_projector"].item() == pytest.approx(sum(by_projection) / len(by_projection), rel=1e-4)


def test_the_contrast_of_classes_trains_the_classifier(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[BiTuning(queue_size=4)])
    tiny.first_terms(trainer)
    trainer.training_module.after_step()
    tiny.first_terms(trainer)["contrast_classifier"].backward()
    assert trainer.model.classifier.weight.grad.abs().sum() > 0
