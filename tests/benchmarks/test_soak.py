"""A short soak: nothing that should stay the same grows."""

import pytest

from benchmarks.soak import GROWTH, Reading, growth, soak, table


def test_growth_counts_from_the_end_of_the_warm_up() -> None:
    readings = [Reading(step, resident, 5, 10, step) for step, resident in ((1, 50), (50, 100), (75, 103), (100, 101))]
    assert growth(readings, "resident") == pytest.approx(0.03)
    assert growth(readings, "open_files") == 0
    assert "| 75 | 0.0 | 5 | 10 | 75 |" in table(readings)


@pytest.mark.slow
def test_nothing_grows_in_five_hundred_steps(tmp_path) -> None:
    readings = soak("vit", tmp_path, 500, 25)
    assert [each.step for each in readings] == list(range(25, 501, 25))
    assert {what: growth(readings, what) for what, most in GROWTH.items() if growth(readings, what) > most} == {}
