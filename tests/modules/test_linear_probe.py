"""Linear probing: scikit-learn's regression, written into the head of any model before the first step."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from hf_selftuning import METHODS
from hf_selftuning.methods import LPFT
from hf_selftuning.modules.linear_probe import cross_validated, linear_probe, set_heads

FEATURES = torch.randn(12, 4, generator=torch.Generator().manual_seed(0))


def test_its_predictions_are_those_of_scikit_learn() -> None:
    labels = torch.arange(12) % 3
    weight, bias = linear_probe(FEATURES, labels, 3)
    expected = LogisticRegression(max_iter=1000).fit(FEATURES.numpy(), labels.numpy()).predict_proba(FEATURES.numpy())
    np.testing.assert_allclose((FEATURES @ weight.T + bias).softmax(1).numpy(), expected, atol=1e-5)


def test_features_in_half_precision_have_weights_in_float32() -> None:
    labels, halves = torch.arange(12) % 3, FEATURES.bfloat16()
    for found, expected in zip(linear_probe(halves, labels, 3), linear_probe(halves.float(), labels, 3), strict=True):
        torch.testing.assert_close(found, expected)


def test_two_classes_among_more_have_a_row_each_and_the_others_are_never_predicted() -> None:
    labels = torch.where(torch.arange(12) % 2 == 0, 1, 3)
    weight, bias = linear_probe(FEATURES, labels, 5)
    fitted = LogisticRegression(max_iter=1000).fit(FEATURES.numpy(), labels.numpy())
    logits = FEATURES @ weight.T + bias
    np.testing.assert_allclose(logits[:, [1, 3]].softmax(1).numpy(), fitted.predict_proba(FEATURES.numpy()), atol=1e-5)
    torch.testing.assert_close(weight[[0, 2, 4]], torch.zeros(3, 4))
    assert set(logits.argmax(1).tolist()) == {1, 3}


def test_cross_validation_scores_rows_that_were_not_seen() -> None:
    labels = torch.arange(12) % 3
    told = FEATURES + 10 * nn.functional.one_hot(labels, 4)
    assert cross_validated(told, labels) == 1.0
    alone = cross_validated(FEATURES, labels)
    assert alone is not None
    assert alone < 0.8, "the features say nothing about these labels"


def test_a_class_with_one_row_cannot_be_cross_validated() -> None:
    labels = torch.tensor([0] * 5 + [1] * 6 + [2])
    told = FEATURES + 10 * nn.functional.one_hot(labels, 4)
    assert cross_validated(told, labels) == 1.0, "the class with a single row is left out"
    assert cross_validated(FEATURES[:3], torch.arange(3)) is None
    assert cross_validated(FEATURES[:4], torch.tensor([0, 0, 1, 2])) is None


def test_one_class_alone_says_nothing() -> None:
    weight, bias = linear_probe(FEATURES, torch.ones(12, dtype=torch.long), 3)
    assert not weight.any()
    assert not bias.any()


def test_a_head_may_be_a_convolution_or_lack_a_bias() -> None:
    weight, bias = torch.randn(3, 4), torch.randn(3)
    convolution, linear = nn.Conv2d(4, 3, 1), nn.Linear(4, 3, bias=False)
    set_heads([convolution.to(memory_format=torch.channels_last), linear], weight, bias)
    torch.testing.assert_close(convolution.weight.flatten(1), weight)
    torch.testing.assert_close(convolution.bias, bias)
    torch.testing.assert_close(linear.weight, weight)


@pytest.mark.parametrize("kind", [tiny.WORDS, tiny.IMAGES])
def test_a_run_begins_with_the_regression_on_the_features_as_they_are(tmp_path: Path, kind: Any) -> None:
    trainer = tiny.trainer(kind, tiny.arguments(tmp_path), methods=[LPFT()])
    trainer.prepare_methods()
    module = trainer.training_module.eval()
    batch = tiny.first_step(trainer)
    part = batch["labeled"]
    rows = module.read(module.student, part["views"]["weak.0"], part.get("rows"))
    head = module.student.get_submodule(module.paths[0])
    before = tiny.trainer(kind, tiny.arguments(tmp_path), methods=[]).training_module
    assert not torch.equal(head.weight, before.student.get_submodule(before.paths[0]).weight)
    learned = torch.nn.functional.cross_entropy(rows.logits, part["labels"])
    assert learned < torch.nn.functional.cross_entropy(torch.zeros_like(rows.logits), part["labels"])


@pytest.mark.parametrize(("name", "copy"), [("self_tuning", "key_encoder"), ("mean_teacher", "teacher")])
def test_a_moving_average_begins_with_the_probed_head(tmp_path: Path, name: str, copy: str) -> None:
    method = METHODS[name](start="probe")
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[method])
    trainer.prepare_methods()
    tiny.assert_same(method.get_submodule(copy).module.state_dict(), trainer.model.state_dict())


def test_a_head_is_left_as_it_came_where_no_method_asks(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path))
    before = trainer.model.classifier.weight.clone()
    trainer.prepare_methods()
    assert torch.equal(trainer.model.classifier.weight, before)


@pytest.mark.parametrize(("probed", "rate"), [(True, 0.01), (False, 0.1)])
def test_a_probed_head_learns_at_the_rate_of_the_network(tmp_path: Path, probed: bool, rate: float) -> None:
    args = tiny.arguments(tmp_path, learning_rate=0.01, head_lr_ratio=10)
    trainer = tiny.trainer(tiny.WORDS, args, methods=[METHODS["self_tuning"](start="probe" if probed else "none")])
    rates = {id(p): group["lr"] for group in trainer.create_optimizer().param_groups for p in group["params"]}
    assert rates[id(trainer.model.classifier.weight)] == rate
    assert rates[id(trainer.training_module.methods[0].projector.weight)] == 0.1
