"""A cloud of rows for each class, against slow loops written from the equations."""

import math

import pytest
import torch
import torch.nn.functional as F

from hf_selftuning.functional.mixtures import fitted_mixture, half_whitened

GENERATOR = torch.Generator().manual_seed(0)
ROWS = F.normalize(torch.randn(12, 4, generator=GENERATOR), dim=1)
START = torch.randn(12, 3, generator=GENERATOR).softmax(1)
KNOWN = torch.tensor([0, 1, 2, 2])


def slow_mixture(concentration: float, rounds: int) -> list[list[float]]:
    found = [[float(KNOWN[i] == c) for c in range(3)] if i < 4 else START[i].tolist() for i in range(12)]
    for _ in range(rounds):
        means, shares = [], []
        for c in range(3):
            weights = [found[i][c] * max(found[i]) for i in range(12)]
            mean = [sum(weights[i] * float(ROWS[i, j]) for i in range(12)) for j in range(4)]
            length = math.sqrt(sum(value**2 for value in mean))
            means.append([value / length for value in mean])
            shares.append(sum(weights))
        total = sum(shares)
        for i in range(4, 12):
            scores = [
                shares[c] / total * math.exp(concentration * sum(float(ROWS[i, j]) * means[c][j] for j in range(4)))
                for c in range(3)
            ]
            found[i] = [score / sum(scores) for score in scores]
    return found


def test_a_mixture_is_that_of_slow_loops() -> None:
    for rounds in (1, 3):
        found = fitted_mixture(ROWS, START, KNOWN, concentration=5.0, rounds=rounds)
        torch.testing.assert_close(found, torch.tensor(slow_mixture(5.0, rounds)), atol=1e-5, rtol=1e-4)


def test_labelled_rows_stay_in_their_class() -> None:
    found = fitted_mixture(ROWS, START, KNOWN, concentration=5.0, rounds=4)
    assert torch.equal(found[:4], F.one_hot(KNOWN, 3).float())


@pytest.mark.parametrize("block_rows", [7, 100])
@pytest.mark.parametrize("count", [50, 6])
def test_half_whitening_takes_the_square_root_of_the_scale_of_each_direction(count: int, block_rows: int) -> None:
    scales = torch.tensor([8.0, 4.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    rows = torch.randn(count, 8, generator=GENERATOR) * scales
    unit = F.normalize(rows, dim=1)
    centred = unit - unit.mean(0)
    _, scales, directions = torch.linalg.svd(centred, full_matrices=False)
    expected = F.normalize(centred @ directions.T[:, :3] / scales[:3].sqrt(), dim=1)
    found = half_whitened(rows[:2], rows[2:], width=3, block_rows=block_rows)
    # Directions have no sign and come in another order, so cosines between rows are compared.
    torch.testing.assert_close(found @ found.T, expected @ expected.T, atol=1e-4, rtol=1e-4)


def test_fewer_rows_than_directions_span_fewer() -> None:
    assert half_whitened(ROWS[:3], width=256).shape == (3, 2)
    assert torch.isfinite(half_whitened(ROWS[:3], width=256)).all()


def test_few_rows_of_many_features_and_repeated_rows_are_whitened() -> None:
    rows = torch.randn(6, 1280, generator=GENERATOR).abs()
    found = half_whitened(rows, rows, width=256)
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found[:6], found[6:], atol=1e-3, rtol=0)
