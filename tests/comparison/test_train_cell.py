"""How long fine-tuning trains in the time of the most expensive method."""

from dataclasses import replace

import made
import pytest

from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.train_cell import same_time_steps
from hf_selftuning.comparison.worker import CellFailedError


def timed(method: str, seconds: float) -> Result:
    """A hundred steps of so many seconds."""
    found = made.result(method, 4, 0, 0.5)
    return replace(found, row=replace(found.row, seconds_per_step=seconds))


def test_as_many_steps_as_fit_into_the_time_of_the_most_expensive() -> None:
    both = [timed("fine_tuning", 0.2), timed("self_tuning", 0.5), timed("fixmatch", 0.3)]
    assert same_time_steps(both) == 250


def test_the_time_before_the_first_step_counts() -> None:
    cell = timed("self_tuning", 0.5)
    slow = replace(cell, row=replace(cell.row, seconds_before=30.0))
    assert same_time_steps([timed("fine_tuning", 0.2), slow]) == (100 * 0.5 + 30) / 0.2


def test_never_fewer_steps_than_its_own() -> None:
    assert same_time_steps([timed("fine_tuning", 0.2), timed("self_tuning", 0.1)]) == 100


@pytest.mark.parametrize("untimed", ["fine_tuning", "fixmatch"])
def test_a_method_without_a_time_is_named_and_not_passed_over(untimed: str) -> None:
    found = [timed("fine_tuning", 0.2), timed("fixmatch", 0.3), timed("self_tuning", 0.5)]
    found = [timed(untimed, float("nan")) if result.cell.method == untimed else result for result in found]
    with pytest.raises(CellFailedError, match=f"^{untimed} has no measured time a step, .* give more steps"):
        same_time_steps(found)


def test_without_fine_tuning_it_is_not_trained() -> None:
    with pytest.raises(CellFailedError, match="fine-tuning's own cell has not finished"):
        same_time_steps([timed("self_tuning", 0.5)])
