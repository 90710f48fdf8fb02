"""The data of a comparison are read as its cells read them, and accuracies are divided by the sizes of classes."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import paint

from benchmarks.class_sizes import by_class_size, class_accuracies
from benchmarks.comparison_data import finished_cells, flags_of
from hf_selftuning.comparison.cells import Result
from hf_selftuning.comparison.grid import Budget, Cell
from hf_selftuning.experiment.texts.text_flags import TextDataArguments
from hf_selftuning.report.row import Row


def cell(seed: int, right: list[int]) -> Result:
    counts = np.stack([np.array(right), np.ones(len(right), int), np.ones(len(right), int)], axis=1)
    row = Row(
        method="fine_tuning", preset="", labeled=3, unlabeled=0, dev=None, test=float(np.mean(right)), steps=1,
        seconds_per_step=1.0, seed=seed, settings={},
    )  # fmt: skip
    budget = Budget("labels_per_class", 1)
    return Result(
        cell=Cell(budget, "fine_tuning", seed), title="Fine-tuning", family="TL", labels=3, held_out=0, row=row,
        history=[], seconds=1.0, counts=counts, context={},
    )  # fmt: skip


def test_the_data_are_read_by_the_flags_of_the_comparison(tmp_path: Path) -> None:
    flags = {
        "task": "text", "train_file": "my data/all.json", "open_set_class": "oos other", "max_length": "64",
        "learning_rate": "3e-4",
    }  # fmt: skip
    (tmp_path / "comparison.json").write_text(json.dumps(flags))
    source = flags_of(tmp_path, TextDataArguments)
    assert (source.train_file, source.test_file, source.max_length) == ("my data/all.json", None, 64)
    assert source.open_set_class == ("oos", "other")


def test_accuracies_of_classes() -> None:
    found = class_accuracies(np.array([1, 0, 1, 1]), np.array([0, 0, 1, 1]), 3)
    assert found.tolist() == [0.5, 1.0, 0.0]


def test_each_third_of_the_classes_has_its_accuracy(tmp_path: Path) -> None:
    for name, count in (("blue", 2), ("green", 6), ("red", 4)):
        paint(tmp_path / "birds" / "train", count, classes=(name,))
    paint(tmp_path / "birds" / "test", 2, classes=("blue", "green", "red"))
    folder = tmp_path / "compare"
    folder.mkdir()
    (folder / "comparison.json").write_text(json.dumps({"task": "images", "data_dir": str(tmp_path / "birds")}))
    # Two test images of blue, then of green, then of red.
    cell(0, [0, 0, 1, 1, 1, 0]).save(folder)
    cell(1, [0, 1, 1, 1, 1, 0]).save(folder)
    assert [result.cell.seed for result in finished_cells(folder)] == [0, 1]
    (row,) = by_class_size(folder).to_dict("records")
    assert row["6 to 6 images a class"] == "100.0 +- 0.0 (2)"
    assert row["4 to 4 images a class"] == "50.0 +- 0.0 (2)"
    assert row["2 to 2 images a class"] == f"25.0 +- {np.std([0, 50], ddof=1):.1f} (2)"


def test_classes_of_texts_are_divided_too(tmp_path: Path) -> None:
    train = ["text,label", *(f"w{row} w{row + 1},{name}" for row, name in enumerate("aaaaabbbbccc"))]
    (tmp_path / "train.csv").write_text("\n".join(train))
    (tmp_path / "test.csv").write_text("text,label\nx1 x2,a\nx3 x4,b\nx5 x6,c\n")
    folder = tmp_path / "compare"
    folder.mkdir()
    files = {f"{part}_file": str(tmp_path / f"{part}.csv") for part in ("train", "test")}
    (folder / "comparison.json").write_text(json.dumps({"task": "text", **files}))
    cell(0, [1, 1, 0]).save(folder)
    (row,) = by_class_size(folder).to_dict("records")
    assert [row[f"{n} to {n} texts a class"].split()[0] for n in (5, 4, 3)] == ["100.0", "100.0", "0.0"]


@pytest.mark.parametrize("method", ["fine_tuning", "*"])
def test_finished_cells_of_one_method_or_of_all(tmp_path: Path, method: str) -> None:
    cell(0, [1]).save(tmp_path)
    assert len(list(finished_cells(tmp_path, method))) == 1
    assert not list(finished_cells(tmp_path, "fixmatch"))
