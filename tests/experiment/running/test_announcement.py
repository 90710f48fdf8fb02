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


def test_flags_without_effect_are_named_with_the_reason(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more.txt").write_text("Anna visited Oslo .\nBen left Rome .\n")
    more = {"unlabeled_file": tmp_path / "more.txt", "label_ratio": 1.0}
    folder = run(methods="fine_tuning", validation_share=0, eval_steps=2, **more)
    said = capsys.readouterr().out
    assert "There is no dev part, so --eval_steps has no effect." in said
    assert "No row reads unlabelled data, so --unlabeled_file has no effect." in said
    run(do_eval=True, model_name_or_path=folder / "model", output_dir=tmp_path / "scored", eval_steps=2)
    said = capsys.readouterr().out
    assert "Nothing is trained, so --max_steps and --learning_rate have no effect." in said
    run(methods="fixmatch", output_dir=tmp_path / "taught", **more)
    assert "has no effect" not in capsys.readouterr().out


def test_a_part_that_is_asked_for_and_missing_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="--do_predict scores test, and the data have no test part; give one"):
        run(do_predict=True)
    with pytest.raises(ValueError, match="--do_eval scores dev, and the data have no dev part; give one"):
        run(do_train=True, do_eval=True, validation_share=0)


def test_a_run_that_only_trains_says_that_it_scores_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run(do_train=True)
    assert "nothing, as --do_train alone asks" in capsys.readouterr().out
