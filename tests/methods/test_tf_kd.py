"""Tf-KD: the virtual teacher, and its tempered divergence against loops."""

import math

import pytest
import torch
from made_step import made_step
from torch import nn

from hf_selftuning.functional.losses import tempered_divergence, virtual_teacher
from hf_selftuning.methods import TfKD


def test_the_virtual_teacher_is_right_as_often_as_it_is_told() -> None:
    teacher = virtual_teacher(torch.tensor([2, 0]), 4, 0.97)
    torch.testing.assert_close(teacher, torch.tensor([[0.01, 0.01, 0.97, 0.01], [0.97, 0.01, 0.01, 0.01]]))


def slow_divergence(logits: list[float], teacher: list[float], temperature: float) -> float:
    p = [value ** (1 / temperature) for value in teacher]
    q = [math.exp(value / temperature) for value in logits]
    p, q = [value / sum(p) for value in p], [value / sum(q) for value in q]
    return temperature**2 * sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


@pytest.mark.parametrize("temperature", [1.0, 20.0])
def test_the_divergence_equals_loops(temperature: float) -> None:
    logits, teacher = torch.randn(3, 4), virtual_teacher(torch.tensor([0, 3, 1]), 4, 0.9)
    for row, found in enumerate(tempered_divergence(logits, teacher, temperature=temperature).tolist()):
        expected = slow_divergence(logits[row].tolist(), teacher[row].tolist(), temperature)
        assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_the_term_is_the_weighted_mean_divergence_from_the_teacher_of_the_labels() -> None:
    logits, labels = torch.randn(3, 4), [0, 3, 1]
    step = made_step(nn.Identity(), {"weak.0": torch.zeros(1, 4)}, labeled=logits, labels=torch.tensor(labels))
    found = TfKD(weight=0.3, correct=0.7, temperature=4.0).terms(step)
    teachers = [[0.7 if c == label else 0.1 for c in range(4)] for label in labels]
    losses = [slow_divergence(*pair, 4.0) for pair in zip(logits.tolist(), teachers, strict=True)]
    assert found["virtual_teacher"].item() == pytest.approx(0.3 * sum(losses) / 3, rel=1e-3)


def test_a_student_that_says_what_the_teacher_says_has_no_loss() -> None:
    teacher = virtual_teacher(torch.tensor([1]), 3, 0.9)
    assert tempered_divergence(teacher.log(), teacher, temperature=20.0).item() == pytest.approx(0, abs=1e-4)


def test_certainty_is_refused() -> None:
    with pytest.raises(ValueError, match=r"correct=1\.0 must lie between 0 and 1; the paper has 0\.99"):
        TfKD(correct=1.0)
