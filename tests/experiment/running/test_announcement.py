"""What a run prints before it trains: the forecast from frozen features, which changes nothing in the training."""

from pathlib import Path

import pytest
from in_process import Run, recipe, results, runner
from small_data import columns

from hf_selftuning.experiment.running import announcement

HEAD = "forecast: frozen features of"


@pytest.fixture
def run(words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    usual = {"model_name_or_path": words_model, "train_file": columns(tmp_path / "train.conll", 20)}
    usual |= {"label_ratio": 0.5, "validation_share": 0.3, "learning_rate": 0.01, "max_steps": 2}
    return runner(recipe("run_ner"), monkeypatch, tmp_path / "run", compare_fine_tuning=False, **usual)


def rows_of(folder: Path) -> list[dict[str, object]]:
    """The rows of a run without the times."""
    rows = results(folder)["rows"]
    for row in rows:
        del row["seconds_per_step"], row["seconds_before"]
    return rows


def test_a_run_prints_the_forecast_once_and_trains_as_without_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = rows_of(run(output_dir=tmp_path / "plain"))
    assert HEAD not in capsys.readouterr().out
    folder = run(forecast=True)
    said = capsys.readouterr().out
    assert said.count(HEAD) == 1
    assert "F1 of the entities in %" in said.partition(HEAD)[2].partition("[1/1]")[0]
    assert rows_of(folder) == plain
    run(forecast=True, resume_from_checkpoint=True)
    assert HEAD not in capsys.readouterr().out


def test_a_run_that_only_scores_prints_no_forecast(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run()
    run(forecast=True, do_eval=True, model_name_or_path=folder / "model", overwrite_output_dir=True)
    assert HEAD not in capsys.readouterr().out


def test_a_forecast_that_fails_is_a_sentence_and_the_run_goes_on(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> str:
        raise RuntimeError("no features")

    monkeypatch.setattr(announcement, "forecast", fail)
    assert rows_of(run(forecast=True))[0]["steps"] == 2
    assert "There is no forecast of this run: no features. (RuntimeError from test_announcement" in (
        capsys.readouterr().out
    )
