"""The figure that scores the forecast has the gains of the cells, and the page says the correlation of its points."""

import draw_forecast as drawn
import pytest
from pages import PAGES, ROOT
from score_forecast import ours_of
from write_which_method import groups_of

STALE = "is older than its points; run: python docs/scripts/draw_forecast.py"


@pytest.mark.parametrize("path", drawn.files(), ids=lambda path: path.name)
def test_the_figure_is_drawn_from_the_points(path) -> None:
    assert path.read_text() == drawn.files()[path], f"{path.name} {STALE}"


def test_the_page_says_what_the_points_say() -> None:
    assert drawn.table(drawn.read()) in PAGES["your_data.md"]


def test_the_real_gains_are_those_of_the_cells() -> None:
    points = drawn.read()
    comparisons = {one.comparison: groups_of(ROOT / "docs" / "comparisons" / one.comparison) for one in points}
    for point in points:
        (groups,) = (
            groups for budget, groups in comparisons[point.comparison].items() if budget.title == point.budget
        )
        pair = ours_of(groups)
        assert pair is not None
        plain, ours = ({cell.cell.seed: cell.row.test for cell in group.cells} for group in pair)
        real = 100 * (ours[point.seed] - plain[point.seed])
        assert point.real == pytest.approx(real, abs=1e-3), "measure again: python docs/scripts/score_forecast.py"


def test_equal_orders_correlate_fully_and_missing_forecasts_are_left_out() -> None:
    points = [drawn.Point("a", "1", seed, float(seed), None if seed == 2 else -seed, seed**2) for seed in range(4)]
    assert drawn.correlation(points, "pool") == (pytest.approx(1.0), 4)
    assert drawn.correlation(points, "folds") == (pytest.approx(-1.0), 3)
