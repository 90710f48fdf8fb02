"""Label propagation against dense solutions and slow loops."""

import math

import pytest
import torch

from hf_selftuning.functional.label_propagation import (
    centered,
    certainty,
    class_probabilities,
    geometric_mean,
    nearest_neighbors,
    neighbor_graph,
    propagate,
)

ROWS = torch.randn(30, 5, generator=torch.Generator().manual_seed(0))


def dense_graph(unit: torch.Tensor, neighbors: int, exponent: float) -> torch.Tensor:
    """Equations (9) and (10) of Iscen et al. by loops over rows."""
    count = len(unit)
    affinity = torch.zeros(count, count)
    for i in range(count):
        others = sorted((j for j in range(count) if j != i), key=lambda j: -float(unit[i] @ unit[j]))
        for j in others[:neighbors]:
            affinity[i, j] = max(0.0, float(unit[i] @ unit[j])) ** exponent
    mutual = (affinity + affinity.T) / 2
    degree = mutual.sum(1)
    return torch.tensor(
        [[mutual[i, j] / math.sqrt(degree[i] * degree[j]) for j in range(count)] for i in range(count)]
    )


def test_centred_rows_have_the_cosines_of_their_distances_from_the_mean() -> None:
    unit = centered(ROWS + 100)
    mean = ROWS.mean(0)
    expected = torch.nn.functional.cosine_similarity(ROWS[3] - mean, ROWS[7] - mean, dim=0)
    torch.testing.assert_close(unit[3] @ unit[7], expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("block_scores", [1, 100, 10_000], ids=["a row at a time", "three rows", "all at once"])
def test_neighbours_are_the_most_similar_other_rows(block_scores: int) -> None:
    unit = centered(ROWS)
    found, cosines = nearest_neighbors(unit, 4, block_scores=block_scores)
    for i in range(len(unit)):
        others = sorted((j for j in range(len(unit)) if j != i), key=lambda j: -float(unit[i] @ unit[j]))
        assert found[i].tolist() == others[:4]
        torch.testing.assert_close(cosines[i], torch.stack([unit[i] @ unit[j] for j in others[:4]]))


def test_few_rows_have_fewer_neighbours() -> None:
    assert nearest_neighbors(centered(ROWS[:3]), 10)[0].shape == (3, 2)


def test_the_graph_is_that_of_the_paper() -> None:
    unit = centered(ROWS)
    graph = neighbor_graph(*nearest_neighbors(unit, 4), exponent=3.0)
    torch.testing.assert_close(graph.to_dense(), dense_graph(unit, 4, 3.0))


def test_parts_are_centred_together_and_stay_as_they_are() -> None:
    parts = ROWS[:7].clone(), ROWS[7:].half()
    torch.testing.assert_close(centered(*parts), centered(ROWS), atol=2e-3, rtol=0)
    assert torch.equal(parts[0], ROWS[:7])


@pytest.mark.parametrize("block_labels", [1, 60, 10_000], ids=["a class at a time", "two classes", "all at once"])
def test_conjugate_gradients_end_at_the_dense_solution(block_labels: int) -> None:
    unit = centered(ROWS)
    graph = neighbor_graph(*nearest_neighbors(unit, 4), exponent=3.0)
    labels = torch.zeros(30, 3)
    labels[[0, 1, 2], [0, 1, 2]] = 1
    found = propagate(graph, labels, mixing=0.9, block_labels=block_labels)
    expected = 0.1 * torch.linalg.solve(torch.eye(30) - 0.9 * graph.to_dense(), labels)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_a_row_that_no_label_reaches_is_uniform() -> None:
    unit = torch.eye(4)  # no row resembles another, so there is no edge
    graph = neighbor_graph(*nearest_neighbors(unit, 2), exponent=1.0)
    labels = torch.zeros(4, 2)
    labels[0, 1] = 1
    found = class_probabilities(propagate(graph, labels, mixing=0.5))
    torch.testing.assert_close(found, torch.tensor([[0.0, 1.0], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]))


def test_the_geometric_mean_of_a_prediction_with_itself_is_the_prediction() -> None:
    first, second = ROWS[:, :3].softmax(1), ROWS[:, 2:].softmax(1)
    torch.testing.assert_close(geometric_mean(first, first, 0.3), first)
    both = zip(first, second, strict=True)
    products = torch.stack([torch.stack([a**0.25 * b**0.75 for a, b in zip(p, q, strict=True)]) for p, q in both])
    torch.testing.assert_close(geometric_mean(first, second, 0.25), products / products.sum(1, keepdim=True))


def test_certainty_is_one_less_the_relative_entropy() -> None:
    rows = torch.tensor([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0]])
    torch.testing.assert_close(certainty(rows), torch.tensor([1.0, 0.0, 1 - math.log(2) / math.log(3)]))


@pytest.mark.parametrize("classes", [7, 200])
def test_a_prediction_that_was_rounded_has_no_negative_certainty(classes: int) -> None:
    assert certainty(torch.full((1, classes), 1 / classes).half().float()).item() >= 0
