"""results.json and results.md: what they hold, and that they are written whole."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hf_selftuning.files import replacing
from hf_selftuning.report import results as report
from hf_selftuning.report.results import ReportFiles, write_report
from hf_selftuning.report.row import Row
from hf_selftuning.report.tables import markdown_table

FINE_TUNING = Row("fine_tuning", "", 100, 0, 0.70, 0.68, 200, 0.1234, 0, {})
SELF_TUNING = Row("self_tuning", "words", 100, 13941, 0.75, 0.7025, 200, 0.5, 0, {"queue_size": 32})
CONTEXT = {"data": "conll2003", "model": "bert-base-cased", "split_hash": "ab12", "labels": ["LOC", "PER"]}
HISTORIES = {"fine-tuning": [{"step": 1, "loss": 1.0}]}


def write(folder: Path, *rows: Row, **changes: Any) -> ReportFiles:
    settings = {"metric": "f1", "unit_name": "sentences", "context": CONTEXT, "histories": HISTORIES}
    return write_report(folder, rows, **{**settings, **changes})


def test_three_files_are_written_and_no_draft_stays(tmp_path: Path) -> None:
    files = write(tmp_path / "new" / "folder", FINE_TUNING, SELF_TUNING)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "curves.png",
        "results.json",
        "results.md",
    ]
    assert (files.results.name, files.table.name, files.curve.name) == (
        "results.json",
        "results.md",
        "curves.png",
    )


def test_results_hold_the_context_the_metric_and_a_row_per_model(tmp_path: Path) -> None:
    results = json.loads(write(tmp_path, FINE_TUNING, SELF_TUNING).results.read_text())
    assert list(results) == ["data", "model", "split_hash", "labels", "metric", "rows"]
    assert results["metric"] == "f1"
    assert results["rows"][1] == {
        "method": "self_tuning",
        "preset": "words",
        "labeled": 100,
        "unlabeled": 13941,
        "dev_f1": 0.75,
        "test_f1": 0.7025,
        "steps": 200,
        "seconds_per_step": 0.5,
        "seconds_before": 0.0,
        "seed": 0,
        "settings": {"queue_size": 32},
    }


def test_health_is_a_table_with_a_column_per_run_and_is_among_the_results(tmp_path: Path) -> None:
    tuned = [
        {"step": 1, "pseudo_label_shift": 0.5},
        {
            "step": 2,
            "pseudo_label_shift": 0.25,
            "unlabeled_share": 0.5,
            "eval_f1": 0.75,
            "eval_calibration_error": 0.1,
        },
    ]
    histories = {"fine-tuning": [{"step": 2, "eval_f1": 0.5, "eval_calibration_error": 0.2}], "tuned": tuned}
    files = write(tmp_path, FINE_TUNING, SELF_TUNING, histories=histories)
    table = files.table.read_text().partition("## Health")[2]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    assert cells[0] == ["", "fine-tuning", "tuned"]
    assert ["calibration error on dev (%)", "20.00", "10.00"] in cells
    assert ["class shares: distance of pseudo-labels from labels (%)", "-", "25.00"] in cells
    assert cells[-2:] == [
        ["weight left by the safety gate (%)", "-", "50.00"],
        ["best dev score minus the last one (points)", "0.00", "0.00"],
    ]
    told = json.loads(files.results.read_text())["health"]
    assert told["fine-tuning"].keys() == {"calibration error on dev (%)", "best dev score minus the last one (points)"}


def test_health_claims_no_dev_figures_where_none_were_evaluated(tmp_path: Path) -> None:
    with_dev = [{"step": 1, "pseudo_label_shift": 0.5, "eval_calibration_error": 0.1}]
    for history, start in ((with_dev, "The dev "), (with_dev[:0], ""), ([{"step": 1, "queue_purity": 0.5}], "Means")):
        files = write(tmp_path, SELF_TUNING, histories={"tuned": history})
        assert files.table.read_text().partition("## Health")[2].strip().startswith(start)
    assert "dev figures" not in files.table.read_text()
    assert "no labels were held out for an evaluation" in files.table.read_text()


def test_drafts_have_names_of_their_own(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.md") as first, replacing(tmp_path / "a.md") as second:
        assert first != second
        assert first.suffix == second.suffix == ".md"
        first.touch(), second.touch()


def test_the_score_keys_carry_the_metric(tmp_path: Path) -> None:
    results = json.loads(write(tmp_path, FINE_TUNING, metric="accuracy", unit_name="images").results.read_text())
    assert results["rows"][0]["dev_accuracy"] == 0.70
    assert "dev_f1" not in results["rows"][0]


def test_what_json_cannot_hold_is_null_or_plain(tmp_path: Path) -> None:
    settings = {
        "loss": math.inf,
        "mean": np.float32(0.5),
        "size": np.int64(3),
        "path": Path("a/b"),
        "on": True,
    }
    row = replace(FINE_TUNING, dev=math.nan, test=None, settings=settings)
    text = write(tmp_path, row).results.read_text()
    entry = json.loads(text)["rows"][0]
    assert "NaN" not in text
    assert (entry["dev_f1"], entry["test_f1"]) == (None, None)
    assert entry["settings"] == {"loss": None, "mean": 0.5, "size": 3, "path": "a/b", "on": True}


def test_the_document_names_data_model_split_labels_and_selection(tmp_path: Path) -> None:
    document = write(tmp_path, FINE_TUNING, SELF_TUNING).table.read_text()
    assert markdown_table([FINE_TUNING, SELF_TUNING], "f1", "sentences") in document
    assert "F1 of `fine_tuning`, `self_tuning` trained on 100 labelled sentences." in document
    for line in (
        "- data: conll2003",
        "- model: bert-base-cased",
        "- split hash: ab12",
        "- labels: LOC, PER",
        "- selection: the last step is scored; nothing was selected on dev or test",
        "- `self_tuning` (words), seed 0: queue_size 32",
    ):
        assert line in document.splitlines()
    assert "(curves.png)" in document


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = write(tmp_path, FINE_TUNING).curve.read_bytes()

    def fill_the_disk(histories: dict, path: Path, *, metric: str) -> None:
        path.write_bytes(b"half a picture")
        raise OSError("No space left on device")

    monkeypatch.setattr(report, "draw_curves", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, SELF_TUNING)
    assert (tmp_path / "curves.png").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 3


def test_a_report_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one row, and `rows` is empty"):
        write(tmp_path)
