"""Seconds until a score is reached."""

import math
from pathlib import Path

import pytest
import tiny
from small_data import paint
from trained import save_classifier

from benchmarks import time_to_score
from benchmarks.time_to_score import Curve


def test_the_first_time_at_a_score_counts() -> None:
    curve = Curve([10.0, 20.0, 30.0], [0.5, 0.7, 0.6])
    assert [curve.first_at(accuracy) for accuracy in (0.4, 0.6, 0.7, 0.8)] == [10.0, 20.0, 20.0, math.inf]


@pytest.mark.slow
def test_both_recipes_are_trained_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, model = paint(tmp_path / "birds", 12), save_classifier(tmp_path / "model")
    flags = [
        "--data_dir",
        str(data),
        "--model_name_or_path",
        str(model),
        "--labels_per_class",
        "4",
        "--max_steps",
        "6",
    ]
    flags += ["--use_cpu", str(tiny.ON_CPU), "--per_device_train_batch_size", "2", "--image_size", "32"]
    monkeypatch.setattr("sys.argv", ["time_to_score", "--seeds", "0", "1", "--every", "2", *flags])
    time_to_score.main()
    said = capsys.readouterr().out
    assert said.count("s as published") == 2
    assert "ours / published: " in said
