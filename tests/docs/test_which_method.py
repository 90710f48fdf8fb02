"""The page `Which method when` has the figures of the comparisons, and its advice follows from them."""

from pathlib import Path

import pytest
import write_which_method as page
from pages import PAGES

from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.report.row import Row

BUDGET = Budget("labels_per_class", 4)
STALE = "which_method.md is older than the comparisons; run: python docs/scripts/write_which_method.py"


def test_the_tables_are_those_of_the_cells() -> None:
    text = PAGES["which_method.md"]
    assert text == page.page(text, page.written()), STALE


def group(method: str, steps: int, seconds: float = 1.0) -> page.Group:
    row = Row(
        method=method, preset="", labeled=4, unlabeled=9, dev=None, test=0.5, steps=steps, seconds_per_step=seconds,
        seed=0, settings={},
    )  # fmt: skip
    return page.Group([Result(Cell(BUDGET, method, 0), method, "TL", 4, 0, row, [], 1.0, None, {})])


def test_a_method_is_compared_with_the_shortest_fine_tuning_that_is_not_shorter() -> None:
    plain = [group(f"fine_tuning:steps={steps}", steps) for steps in (4800, 1200, 2400)]
    steps, time = page.rivals(group("generation", 1500, seconds=2.0), [*plain, group("fixmatch", 1600)])
    assert steps is plain[2]
    assert time is plain[0]
    same = group("fine_tuning_same_time", 900)
    assert page.rivals(group("generation", 1500, seconds=2.0), [same, *plain]) == (plain[2], same)
    assert page.rivals(group("generation", 9000), [group("fine_tuning", 100)]) == (None, None)


def test_settings_of_the_length_alone_are_fine_tuning() -> None:
    names = ("fine_tuning", "fine_tuning:steps=10", "fine_tuning_same_time", "lp_ft", "fine_tuning*3 then generation")
    assert [group(name, 1).is_fine_tuning for name in names] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("steps", "time", "said"),
    [
        ((1, 3), (0.5, 2), "Use it: it also beats fine-tuning for the same time."),
        ((1, 3), (-1, 2), "Use it or fine-tune for longer: for the same time, neither is clearly better."),
        ((1, 3), (-2, -1), "Fine-tune for longer: that beats every method here."),
        ((1, 3), None, "Use it: it beats fine-tuning; longer fine-tuning was not tried."),
        ((-1, 3), (0.5, 2), "Fine-tune: no method is clearly better."),
        (None, (0.5, 2), "Use it: it beats fine-tuning for the same time."),
        (None, (-0.5, 2), "Fine-tune: no method is clearly better."),
    ],
)
def test_the_advice_follows_from_both_intervals(steps: tuple | None, time: tuple | None, said: str) -> None:
    found = [None if one is None else page.Margin(0.0, *one, steps=1) for one in (steps, time)]
    assert page.advice(*found) == said


def test_a_folder_without_cells_adds_no_table(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "comparison.json").write_text('{"task": "text"}')
    assert page.written(tmp_path) == ""
