"""What R-Drop promises: two passes with dropout of their own, pulled together."""

import logging
import math
from pathlib import Path

import pytest
import tiny
import torch
from made_step import built, made_step
from torch import nn

from hf_selftuning import RDrop
from hf_selftuning.functional.divergence import symmetric_divergence

FIRST, SECOND = [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], [[0.5, 0.4, 0.1], [0.1, 0.8, 0.1]]


def divergence(p: list[float], q: list[float]) -> float:
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))


def test_the_divergence_is_the_mean_of_both_directions() -> None:
    expected = [(divergence(p, q) + divergence(q, p)) / 2 for p, q in zip(FIRST, SECOND, strict=True)]
    # A constant that is added to logits changes no probability.
    found = symmetric_divergence(torch.tensor(FIRST).log() + 3, torch.tensor(SECOND).log())
    assert found.tolist() == pytest.approx(expected, rel=1e-4)


class Turns(nn.Module):
    """A student that gives other logits at each pass, as one with dropout does."""

    def __init__(self) -> None:
        super().__init__()
        self.passes = 0

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        return features + torch.tensor(FIRST if self.passes == 1 else SECOND).log()


def test_the_terms_are_those_of_both_passes() -> None:
    student = Turns()
    step = made_step(student, {"weak.0": torch.zeros(1, 3)}, labeled=torch.zeros(2, 3), labels=torch.tensor([0, 2]))
    found = RDrop(weight=0.5).terms(step)
    losses = [-math.log(row[c]) for rows in (FIRST, SECOND) for row, c in zip(rows, [0, 2], strict=True)]
    apart = [(divergence(p, q) + divergence(q, p)) / 2 for p, q in zip(FIRST, SECOND, strict=True)]
    assert student.passes == 2
    assert found["supervised"].item() == pytest.approx(sum(losses) / 4, rel=1e-5)
    assert found["r_drop"].item() == pytest.approx(0.5 * sum(apart) / 2, rel=1e-4)


@pytest.mark.parametrize(("dropout", "warned"), [(0.1, False), (0.0, True)])
def test_a_network_without_dropout_is_warned_of(dropout: float, warned: bool, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        for model in (tiny.vit(dropout), tiny.bert(dropout)):
            caplog.clear()
            built(RDrop(), model)
            assert ("has no dropout, so the two passes of R-Drop are the same" in caplog.text) == warned


def test_it_trains_without_unlabelled_data(tmp_path: Path) -> None:
    trainer = tiny.trained(tiny.WORDS, tiny.arguments(tmp_path, max_steps=2), methods="r_drop", unlabeled_dataset=None)
    assert all(line["loss_r_drop"] > 0 for line in tiny.lines(trainer))
