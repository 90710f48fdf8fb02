"""A vector for each example, and noise contrastive estimation against loops."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from hf_selftuning.functional.noise_contrast import noise_contrast
from hf_selftuning.modules.example_bank import ExampleBank


def unit(*rows: list[float]) -> Tensor:
    return F.normalize(torch.tensor(rows), dim=1)


def slow_contrast(row: Tensor, own: Tensor, others: list[Tensor], temperature: float) -> float:
    """Equations (4) and (5): the own one is found, and each other one is not."""
    right = math.exp((row @ own).item() / temperature)
    wrong = [math.exp((row @ other).item() / temperature) for other in others]
    total = right + sum(wrong)
    return -math.log(right / total) - sum(math.log(1 - value / total) for value in wrong)


def test_the_contrast_equals_loops_over_the_other_examples() -> None:
    torch.manual_seed(0)
    rows, own, memory = (F.normalize(torch.randn(n, 4), dim=1) for n in (3, 3, 5))
    others = torch.tensor([[1, 0, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]]).bool()
    expected = [
        slow_contrast(row, mine, [key for key, there in zip(memory, use, strict=True) if there], 0.3)
        for row, mine, use in zip(rows, own, others, strict=True)
    ]
    found = noise_contrast(rows, own, memory, others, temperature=0.3)
    assert found.tolist() == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert found[1].item() == 0, "nobody to be told from"


def test_a_sure_mistake_has_a_finite_loss_and_gradient() -> None:
    row = torch.tensor([[1.0, 0.0]], requires_grad=True)
    found = noise_contrast(row, unit([-1.0, 0.0]), unit([1.0, 0.0]), torch.tensor([[True]]), temperature=0.01)
    found.sum().backward()
    assert found.isfinite().all()
    assert row.grad is not None
    assert row.grad.isfinite().all()


def test_vectors_move_by_the_momentum_after_the_step() -> None:
    bank = ExampleBank(4, 2, 0.5)
    first, second = unit([1.0, 0.0]), unit([0.0, 1.0])
    bank.observe(torch.tensor([2]), first)
    assert not bank.seen.any()
    bank.settle(1)
    assert bank.seen.tolist() == [False, False, True, False]
    torch.testing.assert_close(bank.vectors[2], first[0])
    bank.observe(torch.tensor([2]), second)
    bank.settle(2)
    torch.testing.assert_close(bank.vectors[2], unit([1.0, 1.0])[0])


def test_an_example_that_a_step_has_twice_moves_once() -> None:
    bank = ExampleBank(3, 2, 0.0)
    bank.observe(torch.tensor([1, 0]), unit([1.0, 0.0], [0.6, 0.8]))
    bank.observe(torch.tensor([1]), unit([0.0, 1.0]))
    bank.settle(1)
    torch.testing.assert_close(bank.vectors[:2], unit([0.6, 0.8], [1.0, 1.0]))
    bank.settle(2)
    assert bank.seen.tolist() == [True, True, False]


def test_an_example_without_a_vector_has_its_fresh_one_and_is_no_ones_negative() -> None:
    bank = ExampleBank(3, 2, 0.5)
    bank.observe(torch.tensor([0, 1]), unit([1.0, 0.0], [0.0, 1.0]))
    bank.settle(1)
    fresh = unit([3.0, 4.0], [3.0, 4.0])
    torch.testing.assert_close(bank.read(torch.tensor([1, 2]), fresh), unit([0.0, 1.0], [3.0, 4.0]))
    vectors, others = bank.others(torch.tensor([1, 2]), 10)
    torch.testing.assert_close(vectors, bank.vectors)
    assert others.tolist() == [[True, False, False], [True, True, False]]


def test_at_most_so_many_negatives_are_drawn() -> None:
    torch.manual_seed(0)
    bank = ExampleBank(50, 2, 0.5)
    bank.observe(torch.arange(50), F.normalize(torch.randn(50, 2), dim=1))
    bank.settle(1)
    vectors, others = bank.others(torch.tensor([7]), 10)
    assert vectors.shape == (10, 2)
    assert others.sum() in (9, 10)
