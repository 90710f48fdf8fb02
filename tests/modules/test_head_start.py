"""A head that has seen the whole pool: more unlabelled rows are labelled right than by the labelled ones alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from sklearn.datasets import load_digits

from hf_selftuning.core.preparation import Preparation
from hf_selftuning.methods import LPFT, SelfTuning
from hf_selftuning.modules.head_start import certain_probe, cloud_choice, pool_predictions
from hf_selftuning.modules.linear_probe import linear_probe
from hf_selftuning.streams.plain_batches import PlainBatches


def propagated_probe(features: torch.Tensor, labels: torch.Tensor, pool: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The head that `start=propagate` makes for ten classes."""
    return certain_probe(features, labels, pool, pool_predictions(features, labels, pool, 10))


def digits_with_one_label_a_class(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pixels, classes and the positions of the labelled ones, one for each digit."""
    data = load_digits()
    pixels, classes = torch.tensor(data.data, dtype=torch.float32), torch.tensor(data.target)
    order = torch.randperm(len(classes), generator=torch.Generator().manual_seed(seed))
    known = torch.stack([order[classes[order] == digit][0] for digit in range(10)])
    return pixels, classes, known


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_label_a_digit_says_more_with_the_pool_than_alone(seed: int) -> None:
    pixels, classes, known = digits_with_one_label_a_class(seed)
    rest = torch.tensor(sorted(set(range(len(classes))) - set(known.tolist())))
    alone = linear_probe(pixels[known], classes[known], 10)
    spread = propagated_probe(pixels[known], classes[known], pixels[rest])
    scores = [
        float(((pixels[rest] @ weight.T + bias).argmax(1) == classes[rest]).float().mean())
        for weight, bias in (alone, spread)
    ]
    assert scores[1] > scores[0] + 0.1, f"alone and with the pool: {scores}"


def test_predictions_are_probabilities_and_a_class_without_a_label_gets_none() -> None:
    pixels, classes, known = digits_with_one_label_a_class(0)
    known = known[:-1]  # no nine
    found = pool_predictions(pixels[known], classes[known], pixels[:200], 10)
    torch.testing.assert_close(found.sum(1), torch.ones(200))
    assert float(found[:, 9].max()) < 1e-3


def rows_around(centres: Sequence[torch.Tensor], spread: float) -> torch.Tensor:
    """Two hundred rows around each centre."""
    generator = torch.Generator().manual_seed(0)
    return torch.cat([c + spread * torch.randn(200, len(c), generator=generator) for c in centres])


def test_clouds_are_used_where_a_class_is_one_cloud() -> None:
    # Neighbourhoods overlap, so that labels spread into other classes, but the middle of each class is clear.
    rows, classes = rows_around(list(3 * torch.eye(8)[:4]), 1.4), torch.arange(4).repeat_interleave(200)
    known = torch.cat([torch.arange(3) + 200 * c for c in range(4)])
    choice = cloud_choice(rows[known], classes[known], rows, 4)
    assert choice.used
    without, beside = (
        (pool_predictions(rows[known], classes[known], rows, 4, clouds=clouds).argmax(1) == classes).float().mean()
        for clouds in (False, True)
    )
    assert beside > without + 0.02


def test_clouds_are_left_out_where_a_class_is_several() -> None:
    # Each class lies around two centres on opposite sides, so that a single cloud has its middle at no row.
    centres = [sign * 3 * torch.eye(6)[i] for i in range(3) for sign in (1, -1)]
    rows, classes = rows_around(centres, 0.5), torch.arange(3).repeat_interleave(400)
    known = torch.cat([torch.arange(8) + 200 * c for c in range(6)])
    choice = cloud_choice(rows[known], classes[known], rows, 3)
    assert not choice.used
    assert choice.scores is not None
    assert choice.scores[0] > choice.scores[1]
    assert "does not correct the labels (cross-validated accuracy on the labels: without clouds" in str(choice)


def test_one_label_a_class_says_nothing_against_clouds() -> None:
    choice = cloud_choice(torch.randn(3, 4), torch.arange(3), torch.randn(9, 4), 3)
    assert choice.used
    assert choice.scores is None
    assert "too few labels a class for cross-validation" in str(choice)


@pytest.mark.parametrize("kind", [tiny.WORDS, tiny.IMAGES])
def test_a_run_begins_with_a_head_that_the_pool_has_changed(tmp_path: Path, kind: Any, caplog: Any) -> None:
    heads = {}
    for start in ("probe", "propagate"):
        trainer = tiny.trainer(kind, tiny.arguments(tmp_path), methods=[SelfTuning(start=start)])
        trainer.prepare_methods()
        module = trainer.training_module
        heads[start] = module.student.get_submodule(module.paths[0]).weight.clone()
        tiny.assert_same(module.methods[0].key_encoder.module.state_dict(), trainer.model.state_dict())
    assert not torch.equal(heads["probe"], heads["propagate"])
    assert "Neighbours are found by the classifier's input; one cloud a class" in caplog.text


def test_labels_of_the_pool_change_nothing(tmp_path: Path) -> None:
    """With an audit the pool keeps its true labels, which only figures may read."""
    heads = []
    for audit in (False, True):
        args = tiny.arguments(tmp_path, audit_pseudo_labels=audit)
        trainer = tiny.trainer(tiny.IMAGES, args, methods=[LPFT(start="propagate"), SelfTuning()])
        trainer.prepare_methods()
        heads.append(trainer.training_module.student.get_submodule(trainer.training_module.paths[0]).weight.clone())
    assert torch.equal(*heads)


def test_the_order_of_the_pool_makes_no_difference() -> None:
    """Ranks read the pool in parts, so its order depends on their number."""
    pixels, classes, known = digits_with_one_label_a_class(0)
    # With large features the regression stops far from its optimum, at weights that depend on rounding.
    pixels = pixels / 64
    pool = pixels[:300]
    other = pool[torch.cat([torch.arange(0, 300, 2), torch.arange(1, 300, 2)])]
    heads = [propagated_probe(pixels[known], classes[known], rows) for rows in (pool, other)]
    for one, two in zip(*heads, strict=True):
        torch.testing.assert_close(one, two, atol=1e-4, rtol=0)


def test_ranks_read_each_example_of_the_pool_once(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path))
    whole = PlainBatches(
        trainer.unlabeled_dataset, task=trainer.task, collate=trainer.data_collator, num_classes=3, size=4,
        place=lambda batch: batch, hidden=True,
    )  # fmt: skip
    pixels = [
        torch.cat([batch.views["plain.0"]["pixel_values"] for batch in replace(whole, part=part)])
        for part in ((0, 1), (0, 2), (1, 2))
    ]
    mixed = torch.empty_like(pixels[0])
    mixed[0::2], mixed[1::2] = pixels[1], pixels[2]
    assert torch.equal(mixed, pixels[0])


def test_without_unlabelled_data_it_is_the_probe(tmp_path: Path, caplog: Any) -> None:
    heads = []
    for start in ("probe", "propagate"):
        method = LPFT(start=start)
        trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[method], unlabeled_dataset=None)
        trainer.prepare_methods()
        heads.append(trainer.training_module.student.get_submodule(trainer.training_module.paths[0]).weight.clone())
    assert torch.equal(*heads)
    assert "no label can spread" in caplog.text


def test_a_stream_is_refused_in_a_sentence(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=[SelfTuning(start="propagate")])
    trainer.unlabeled_dataset = iter(trainer.unlabeled_dataset)
    with pytest.raises(ValueError, match="a stream without a length; give a dataset with a length, or take start=pro"):
        trainer.prepare_methods()


@pytest.mark.parametrize("kind", [tiny.WORDS, tiny.TEXTS, tiny.IMAGES])
def test_a_rank_without_a_part_of_a_small_pool_has_no_rows_of_the_same_width(tmp_path: Path, kind: Any) -> None:
    trainer = tiny.trainer(kind, tiny.arguments(tmp_path))
    labelled, module = trainer.plain_batches(trainer.train_dataset), trainer.training_module
    pool = replace(trainer.plain_batches(torch.utils.data.Subset(trainer.unlabeled_dataset, [0])), hidden=True)
    whole, nothing = (
        Preparation(module.student, module.read, labelled, trainer.task, replace(pool, part=part)).pool_rows
        for part in ((0, 2), (1, 2))
    )
    assert len(whole.features) > 0
    assert nothing.features.shape == (0, *whole.features.shape[1:])
    assert nothing.examples.shape == nothing.labels.shape == (0,)
    assert (nothing.embeddings is None) == (whole.embeddings is None)
