"""Tables of rows on the terminal and in documents."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from hf_selftuning.report.row import Row
from hf_selftuning.report.tables import markdown_table, terminal_table

FINE_TUNING = Row("fine_tuning", "", 100, 0, 0.70, 0.68, 200, 0.1234, 0, {})
SELF_TUNING = Row("self_tuning", "words", 100, 13941, 0.75, 0.7025, 200, 0.5, 0, {"queue_size": 32})


def cells(document: str, column: str) -> list[str]:
    """The cells below the heading that contains `column`, in the table of a Markdown document."""
    lines = [line for line in document.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    place = next(place for place, heading in enumerate(table[0]) if column in heading)
    return [line[place] for line in table[2:]]


def test_a_document_shows_percent_and_the_gain_over_fine_tuning_in_points() -> None:
    document = markdown_table([FINE_TUNING, SELF_TUNING], "f1", "sentences")
    assert cells(document, "dev F1 (%)") == ["70.00", "75.00"]
    assert cells(document, "test F1 (%)") == ["68.00", "70.25"]
    assert cells(document, "test, difference to fine-tuning (points)") == ["-", "+2.25"]


def test_the_difference_is_of_dev_scores_if_no_row_has_a_test_score() -> None:
    rows = [replace(row, test=None) for row in (FINE_TUNING, SELF_TUNING)]
    document = markdown_table(rows, "f1", "sentences")
    assert cells(document, "test F1 (%)") == ["-", "-"]
    assert cells(document, "dev, difference to fine-tuning (points)") == ["-", "+5.00"]


def test_a_row_is_compared_with_fine_tuning_of_its_own_seed_and_labels() -> None:
    rows = [
        FINE_TUNING,
        replace(FINE_TUNING, seed=1, test=0.60),
        replace(SELF_TUNING, seed=1),
        replace(SELF_TUNING, seed=2),
        replace(SELF_TUNING, labeled=10),
    ]
    document = markdown_table(rows, "f1", "sentences")
    assert cells(document, "difference") == ["-", "-", "+10.25", "-", "-"]


def test_the_terminal_shows_one_line_a_row_and_the_paths_aligned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = {
        "model": tmp_path / "out" / "model",
        "table": Path("out/results.md"),
        "curve": Path("/elsewhere/c.png"),
    }
    lines = terminal_table([FINE_TUNING, SELF_TUNING], "f1", "sentences", paths).splitlines()
    assert lines[0].split() == [
        "method",
        "preset",
        "labelled",
        "unlabelled",
        "dev",
        "test",
        "steps",
        "s/step",
    ]
    assert lines[1].split() == ["sentences", "sentences", "F1", "%", "F1", "%"]
    assert lines[3].split() == ["fine_tuning", "100", "0", "70.00", "68.00", "200", "0.123"]
    assert lines[4].split() == ["self_tuning", "words", "100", "13,941", "75.00", "70.25", "200", "0.500"]
    assert lines[5:] == ["", "model  out/model", "table  out/results.md", "curve  /elsewhere/c.png"]


def test_the_terminal_shows_a_dash_for_what_was_not_measured() -> None:
    row = replace(FINE_TUNING, dev=None, test=math.nan, seconds_per_step=math.nan)
    line = terminal_table([row], "accuracy", "images", {}).splitlines()[3]
    assert line.split() == ["fine_tuning", "100", "0", "-", "-", "200", "-"]
