"""Neighbours by faiss, against the exact search."""

import pytest
import torch

from hf_selftuning.functional import approximate_neighbors as module
from hf_selftuning.functional.approximate_neighbors import approximate_neighbors, is_approximate
from hf_selftuning.functional.label_propagation import centered, nearest_neighbors, spread_labels

ROWS = centered(torch.randn(400, 16, generator=torch.Generator().manual_seed(0)))


def test_few_rows_and_rows_on_another_device_are_searched_exactly() -> None:
    assert not is_approximate(1_000, torch.device("cpu"))
    assert not is_approximate(10**6, torch.device("cuda"))


def test_most_neighbours_are_those_of_the_exact_search() -> None:
    pytest.importorskip("faiss", reason="faiss is not installed")
    found, cosines = approximate_neighbors(ROWS, 5)
    exact, _ = nearest_neighbors(ROWS, 5)
    own = torch.arange(len(ROWS))[:, None]
    assert not ((found == own) & (cosines > 0)).any()
    shared = (found[:, :, None] == exact[:, None, :]).any(1).float().mean()
    assert shared > 0.6
    products = (ROWS[:, None] * ROWS[found]).sum(2)
    torch.testing.assert_close(cosines, torch.where(found == own, 0.0, products), atol=1e-3, rtol=0)


def test_rows_that_are_searched_in_blocks_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="faiss is not installed")
    whole = approximate_neighbors(ROWS, 5)
    monkeypatch.setattr(module, "SEARCHED", 90)
    torch.testing.assert_close(approximate_neighbors(ROWS, 5), whole)


def test_rows_with_too_few_neighbours_stand_in_for_them_with_no_weight() -> None:
    pytest.importorskip("faiss", reason="faiss is not installed")
    found, cosines = approximate_neighbors(ROWS[:4], 6)
    assert found.shape == cosines.shape == (4, 6)
    assert (cosines[:, 3:] == 0).all()


def test_labels_spread_over_them_as_over_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="faiss is not installed")
    centers = torch.eye(3, 16).repeat_interleave(100, 0) * 4
    rows = centered(centers + torch.randn(300, 16, generator=torch.Generator().manual_seed(1)))
    rows = torch.cat([rows[::100], rows])
    arguments = {"neighbors": 5, "exponent": 1.0, "mixing": 0.9}
    exact = spread_labels(rows, torch.arange(3), 3, **arguments).argmax(1)
    monkeypatch.setattr(module, "APPROXIMATE_FROM", 1)
    approximate = spread_labels(rows, torch.arange(3), 3, **arguments).argmax(1)
    assert (exact == approximate).float().mean() > 0.95
