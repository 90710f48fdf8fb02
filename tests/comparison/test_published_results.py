"""The published comparisons: a command makes its tables again from finished cells, and results.md shows them."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from in_process import recipe
from pages import PAGES, blocks, commands

from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.comparison.summary import counts_of
from hf_selftuning.experiment.stages.plan import SAME_TIME
from hf_selftuning.metrics import score_of
from hf_selftuning.report.intervals import difference_interval

ROOT = Path(__file__).parents[2]
PUBLISHED = {path.parent.name: path for path in sorted((ROOT / "docs" / "comparisons").glob("*/table.md"))}


def command_of(name: str) -> list[str]:
    """The words of the one command in results.md that writes this comparison, but for `python`."""
    all_words = [words for _, text in blocks("results.md") for words in commands(text)]
    (found,) = [words[1:] for words in all_words if words[-2:] == ["--output_dir", f"docs/comparisons/{name}"]]
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_results_show_the_tables_as_they_were_written(name: str) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", PUBLISHED[name].read_text(), flags=re.MULTILINE)
    assert tables
    for table in tables:
        assert table in PAGES["results.md"]


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_command_makes_the_table_again_without_training(name: str, tmp_path: Path, monkeypatch) -> None:
    folder = shutil.copytree(PUBLISHED[name].parent, tmp_path / name)
    cells = {path: path.read_text() for path in folder.rglob("cell.json")}
    (folder / "table.md").unlink()
    monkeypatch.setattr("sys.argv", [*command_of(name)[:-1], str(folder)])
    recipe("compare").main()
    assert (folder / "table.md").read_text() == PUBLISHED[name].read_text()
    assert {path: path.read_text() for path in folder.rglob("cell.json")} == cells


def test_the_demo_ends_with_the_gain_of_its_stages_over_six_draws() -> None:
    said = re.sub(r'"\n\t@echo "', " ", (ROOT / "Makefile").read_text())
    stages = " then ".join(yaml.safe_load((ROOT / "recipes" / "configs" / "demo.yaml").read_text())["stages"])
    figures = _gain("words_demo", Budget("label_ratio", 0.01), stages, "fine_tuning", seeds=6)
    sentence = "Over six draws with 1 % of the labels, the two stages gain {:.2f} F1 [{:.2f}, {:.2f}]"
    assert sentence.format(*figures) in said


@pytest.mark.parametrize(
    ("name", "budget", "ours", "other"),
    [
        ("birds", Budget("labels_per_class", 4), "self_tuning:preset=pool", "fixmatch"),
        ("words", Budget("label_ratio", 0.15), "self_tuning", SAME_TIME),
    ],
)
def test_the_goals_against_other_rows_have_the_figures_of_their_cells(
    name: str, budget: Budget, ours: str, other: str
) -> None:
    figures = _gain(name, budget, ours, other)
    assert "| {:+.2f} [{:+.2f}, {:+.2f}] |".format(*figures) in PAGES["results.md"]


def _gain(name: str, budget: Budget, ours: str, other: str, seeds: int = 3) -> list[float]:
    """The mean difference over seeds in points, and its interval."""
    folder = PUBLISHED[name].parent
    first, second = (
        counts_of([Result.load(folder, Cell(budget, method, seed)) for seed in range(seeds)])
        for method in (ours, other)
    )
    middle = (score_of(first) - score_of(second)).mean()
    return [100 * value for value in (middle, *difference_interval(first, second))]
