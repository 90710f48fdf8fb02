"""Rows of SetFit are made on the data of the comparison, read as its cells read them."""

import json
from pathlib import Path

from benchmarks.setfit_rows import source_of


def test_the_data_are_read_by_the_flags_of_the_comparison(tmp_path: Path) -> None:
    flags = {
        "task": "text", "train_file": "my data/all.json", "open_set_class": "oos other", "max_length": "64",
        "learning_rate": "3e-4",
    }  # fmt: skip
    (tmp_path / "comparison.json").write_text(json.dumps(flags))
    source = source_of(tmp_path)
    assert (source.train_file, source.test_file, source.max_length) == ("my data/all.json", None, 64)
    assert source.open_set_class == ("oos", "other")
