"""What the recipe and the commands for texts do, in this process and with tiny models."""

import json
from pathlib import Path
from typing import Any

import pytest
import tiny
from hub_server import OWNER, Hub
from in_process import recipe, results, runner
from transformers import pipeline

from hf_selftuning import evaluate_model, predict
from hf_selftuning.cli.main import main

WORDS = [f"w{number}" for number in range(5, 50)]


def text(label: int, seed: int) -> str:
    """Words of three classes, each with words of its own."""
    return " ".join(f"w{5 + 15 * label + (seed * 7 + i) % 15}" for i in range(3 + seed % 4))


def table(path: Path, size: int, *, labels: bool = True, first: int = 0) -> Path:
    rows = [{"text": text(i % 3, first + i), "label": "abc"[i % 3] if labels else None} for i in range(size)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    tiny.text_bert().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture
def flags(model: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "model_name_or_path": model,
        "train_file": table(tmp_path / "train.jsonl", 24),
        "test_file": table(tmp_path / "test.jsonl", 9, first=100),
        "labels_per_class": 2,
        "max_length": 12,
        "learning_rate": 0.01,
    }


def test_a_run_trains_both_rows_and_its_model_answers_alike_everywhere(
    flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    run = runner(recipe("run_text_classification"), monkeypatch, tmp_path / "run", **flags)
    folder = run(max_steps=6, do_train=True, do_predict=True, augmented_columns=None)
    made = results(folder)["rows"]
    assert [(row["labeled"], row["unlabeled"]) for row in made] == [(6, 0), (6, 18)]
    answers = [json.loads(line) for line in (folder / "test_predictions.jsonl").read_text().splitlines()]
    right = sum(answer["label"] == "abc"[i % 3] for i, answer in enumerate(answers))
    assert made[-1]["test_accuracy"] == pytest.approx(right / 9)

    given = list(predict(folder, flags["test_file"]))
    ask = pipeline("text-classification", str(folder / "model"), device="cpu")
    plain = [found["label"] for found in ask([answer["text"] for answer in answers], truncation=True)]
    assert [answer["label"] for answer in answers] == [one.label for one in given] == plain
    assert given[1].source.endswith("test.jsonl, row 2")

    assert [one.score for one in evaluate_model(folder, use_cpu=True)] == [pytest.approx(right / 9)]
    assert evaluate_model(folder, flags["test_file"], use_cpu=True)[0].line.startswith("accuracy")
    assert evaluate_model(folder / "model", flags["test_file"], use_cpu=True)[0].score == pytest.approx(right / 9)
    capsys.readouterr()
    assert main(["predict", str(folder), str(flags["test_file"]), "--top", "2", "--json", "--device", "cpu"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 18
    assert main(["evaluate", str(folder), "--test_file", str(flags["test_file"]), "--label_column_name", "label"]) == 0
    card = (folder / "model" / "README.md").read_text()
    assert 'pipeline("text-classification"' in card
    assert "pipeline_tag: text-classification" in card


def test_a_run_that_is_pushed_has_the_card_of_a_classifier_of_texts(
    hub: Hub, flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(recipe("run_text_classification"), monkeypatch, tmp_path / "pushed", **flags)
    run(compare_fine_tuning=False, push_to_hub=True)
    assert "text-classification" in hub.files[f"{OWNER}/pushed"]["README.md"].decode()


def test_pairs_with_other_wordings_and_unlabelled_texts_of_ones_own_train(
    flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"q": text(i % 3, i), "a": "w5 w6", "label": "abc"[i % 3]} for i in range(12)]
    more = [{"q": text(i % 3, 50 + i), "a": "w7", "back": text(i % 3, 80 + i)} for i in range(8)]
    for name, made in (("train", rows), ("more", more)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, made)))
    own = {"train_file": tmp_path / "train.jsonl", "unlabeled_file": tmp_path / "more.jsonl", "test_file": None}
    own |= {"text_column_name": ["q", "a"], "augmented_columns": ["back"], "labels_per_class": None}
    run = runner(recipe("run_text_classification"), monkeypatch, tmp_path / "run", **{**flags, **own})
    row = results(run(compare_fine_tuning=False, methods="uda"))["rows"][0]
    assert (row["labeled"], row["unlabeled"]) == (12, 8)


def test_the_stages_of_texts_include_language_modelling(
    flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(recipe("run_text_classification"), monkeypatch, tmp_path / "run", **flags)
    # The model reads 16 pieces, less than the usual --max_length.
    row = results(run(compare_fine_tuning=False, stages=["tapt", "fine_tuning"], max_length=None))["rows"][0]
    assert row["steps"] == 2
    assert json.loads((tmp_path / "run/model/tokenizer_config.json").read_text())["model_max_length"] == 16


def test_inspect_describes_a_table_of_texts_without_being_told(
    flags: dict[str, Any], model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    more = tmp_path / "more.txt"
    more.write_text(" ".join(WORDS))
    words = ["--unlabeled_file", str(more), "--model_name_or_path", str(model), "--max_length", "12"]
    words += ["--forecast", "False"]
    assert main(["inspect", str(flags["train_file"]), *words]) == 0
    said = capsys.readouterr().out
    assert "24 texts, 3 classes (a 8, b 8, c 8)" in said
    assert "texts cut at 12 pieces" in said
    assert "1 (100.0 %)" in said
    bare = [str(table(tmp_path / "bare.jsonl", 3, labels=False)), "--task", "text", "--forecast", "False"]
    assert main(["inspect", *bare]) == 0
    assert "As training data: " in capsys.readouterr().out
    assert main(["inspect", str(tmp_path / "bare.jsonl"), "--task", "text", "--unlabeled_file", str(more)]) == 2
    (tmp_path / "one.csv").write_text("text,label\nwhere,a\nwhen,a\n")
    assert main(["inspect", str(tmp_path / "one.csv"), "--task", "text"]) == 2
    told = capsys.readouterr()
    assert "As training data" not in told.out
    assert "one.csv has the class 'a' alone" in told.err


def test_a_split_of_texts_is_drawn_and_found_again(
    flags: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = str(tmp_path / "split.json")
    assert main(["split", str(flags["train_file"]), "--labels_per_class", "2", "--output", out]) == 0
    assert main(["split", str(flags["train_file"]), "--split_file", out]) == 0
    assert capsys.readouterr().out.count("labels_per_class 2, seed 0") == 2


def test_a_comparison_of_texts_lists_its_cells(flags: dict[str, Any], tmp_path: Path, capsys: Any) -> None:
    given = {name: value for name, value in flags.items() if name != "labels_per_class"}
    words = [str(word) for name, value in given.items() for word in (f"--{name}", value)]
    folder = ["--output_dir", str(tmp_path / "compare"), "--seeds", "0", "--dry_run", "True"]
    assert main(["compare", "--task", "text", *words, *folder]) == 0
    assert "labels_per_class" in capsys.readouterr().out


def test_a_part_with_a_class_that_the_model_does_not_know_is_refused(
    flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = runner(recipe("run_text_classification"), monkeypatch, tmp_path / "run", **flags)(
        compare_fine_tuning=False
    )
    other = tmp_path / "other.jsonl"
    other.write_text('{"text": "w5", "label": "z"}\n{"text": "w6", "label": "a"}')
    with pytest.raises(ValueError, match=r"has texts of z, and the model knows a, b, c"):
        evaluate_model(folder, other, use_cpu=True)
