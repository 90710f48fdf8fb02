"""Suggested rows against the greedy rule as slow loops."""

import pytest
import torch
from torch.nn.functional import normalize

from benchmarks.facility_location import suggested

GENERATOR = torch.Generator().manual_seed(0)
KNOWN = normalize(torch.randn(3, 4, generator=GENERATOR), dim=1)
POOL = normalize(torch.randn(20, 4, generator=GENERATOR), dim=1)
UNCERTAINTY = torch.rand(20, generator=GENERATOR)


def slowly(
    known: torch.Tensor, pool: torch.Tensor, uncertainty: torch.Tensor, count: int, exponent: float
) -> list[int]:
    """The greedy maximum of the facility location function, whose value is computed anew for each candidate."""

    def value(chosen: list[int]) -> float:
        total = 0.0
        for weight, row in zip(uncertainty, pool, strict=True):
            standing = [max(0.0, float(row @ other)) ** exponent for other in (*known, *(pool[i] for i in chosen))]
            total += float(weight) * max(standing, default=0.0)
        return total

    chosen: list[int] = []
    for _ in range(count):
        chosen.append(max((i for i in range(len(pool)) if i not in chosen), key=lambda i: value([*chosen, i])))
    return chosen


@pytest.mark.parametrize("known", [KNOWN, KNOWN[:0]], ids=["beside labelled rows", "alone"])
@pytest.mark.parametrize("exponent", [1.0, 3.0])
def test_each_suggestion_adds_most_to_what_is_covered(known: torch.Tensor, exponent: float) -> None:
    found = suggested(known, POOL, UNCERTAINTY, 5, exponent=exponent)
    assert found.tolist() == slowly(known, POOL, UNCERTAINTY, 5, exponent)


def test_a_crowd_of_uncertain_rows_comes_before_a_single_one_and_before_a_certain_crowd() -> None:
    crowds = torch.eye(3).repeat_interleave(torch.tensor([4, 1, 4]), dim=0)
    uncertainty = torch.tensor([0.9] * 4 + [1.0] + [0.1] * 4)
    assert suggested(crowds[:0], crowds, uncertainty, 3, exponent=3.0).tolist() == [0, 4, 5]


def test_a_small_pool_is_suggested_whole_and_no_row_twice() -> None:
    same = POOL[:1].repeat(4, 1)
    assert sorted(suggested(KNOWN, same, torch.zeros(4), 9, exponent=3.0).tolist()) == [0, 1, 2, 3]
    assert suggested(KNOWN, POOL[:0], UNCERTAINTY[:0], 9, exponent=3.0).tolist() == []
