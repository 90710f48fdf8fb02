"""Self-Tuning's cap on the queries of a class: which rows it keeps, and what the mean is over."""

import pytest
from made_step import built, logits, terms
from torch import nn

from hf_selftuning import SelfTuning

UNSURE, SURE, OTHER = [0.7, 0.2, 0.1], [0.9, 0.05, 0.05], [0.05, 0.9, 0.05]


def loss(rows: list[list[float]], *, cap: int | None, threshold: float | None = None) -> float:
    """The contrast of unlabelled rows with these predictions."""
    method = built(SelfTuning(max_rows_per_class=cap, threshold=threshold, projector_dim=8), nn.Identity(), dim=3)
    views = {"strong.0": logits(*rows), "strong.1": logits(*rows)}
    return terms(method, nn.Identity(), views)["pgc_unlabeled"].item()


def test_the_mean_is_over_the_rows_that_the_cap_keeps() -> None:
    assert loss([SURE, SURE, OTHER], cap=1) == pytest.approx(loss([SURE, OTHER], cap=None), rel=1e-5)


def test_a_row_below_the_threshold_takes_no_place_of_one_that_is_used() -> None:
    found = loss([UNSURE, SURE], cap=1, threshold=0.8)
    assert found == pytest.approx(loss([SURE], cap=None), rel=1e-5)
    assert found > 0.1
