"""The record in a run's folder."""

from pathlib import Path

import pytest

from hf_selftuning.experiment.setup.run_record import RunRecord


@pytest.mark.parametrize("text", ['{"kind": "wor', "[]", '{"kind": "words", "data_flags": {}, "colour": "red"}'])
def test_a_record_that_cannot_be_read_is_a_sentence(text: str, tmp_path: Path) -> None:
    assert RunRecord.load(tmp_path) is None
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ValueError, match=r"run.json is no record of a run that this version reads .*; name the model"):
        RunRecord.load(tmp_path)


def test_a_record_is_read_as_it_was_saved(tmp_path: Path) -> None:
    record = RunRecord("texts", {"train_file": "mine.csv"}, validation_share=0.2)
    record.save(tmp_path)
    assert RunRecord.load(tmp_path) == record
