"""The model and the forecast of `inspect` in this process, with tiny models."""

import csv
import re
from pathlib import Path

import pytest
import tiny
from small_data import columns, paint
from trained import save_classifier

from hf_selftuning.cli.main import main
from hf_selftuning.data import embedded
from hf_selftuning.experiment.setup import language_run


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    tiny.text_bert().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


def text(label: int, number: int) -> str:
    """Words of three classes, each with words of its own; each number below 60 gives another text."""
    return " ".join(f"w{5 + 15 * label + (number * step + number // 15) % 15}" for step in (1, 2, 4, 7, 11))


def table(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


@pytest.fixture
def usual_model(text_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The encoder that replaces the default one where the Hub does not answer."""
    monkeypatch.setattr(language_run, "minilm_folder", lambda: text_model)
    return text_model


def forecast(data: Path, model: Path, capsys: pytest.CaptureFixture[str], *flags: object) -> str:
    """What the command prints after the description of the data."""
    words = ["inspect", str(data), "--forecast", "--model_name_or_path", str(model), *map(str, flags)]
    assert main(words) == 0
    return capsys.readouterr().out.partition("\nforecast: ")[2]


def test_texts_have_scores_and_doubts(text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(text(label, number), "abc"[label]) for label in range(3) for number in range(8)]
    wrong, scored = (text(0, 20), "b"), [(text(0, 40), "a"), (text(1, 41), "b")]
    unlabeled = [(text(label, number), "") for label in range(3) for number in range(10, 16)]
    data = table(tmp_path / "train.csv", [*rows, wrong, *unlabeled])
    test = table(tmp_path / "test.csv", scored)
    said = forecast(data, text_model, capsys, "--test_file", test, "--max_length", 12)
    assert "texts that were read in" in said
    assert "25 of 25 labelled, 2 of 2 test, 18 of 18 unlabelled" in said
    assert re.search(r"labels hidden in 5 folds, probe on the other labels: \d+\.\d \(\d+\.\d to \d+\.\d\)", said)
    assert re.search(r"propagation changes the score of a fold by [+-]\d+\.\d \(", said)
    assert f"{wrong[0]}: given b, predicted a" in said.partition("likely wrong")[2]


def test_names_of_classes_count_in_the_forecast_as_in_a_run(
    text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(text(label, number), ("per", "loc", "org")[label]) for label in range(3) for number in range(8)]
    data = table(tmp_path / "train.csv", rows)
    said = forecast(data, text_model, capsys, "--labels_per_class", 1, "--max_length", 12)
    assert re.search(r"names of classes (do not )?count as labelled examples \(the nearest name is right for", said)
    said = forecast(data, text_model, capsys, "--labels_per_class", 5, "--max_length", 12)
    assert re.search(r"names of classes (do not )?count as labelled examples \(cross-validated accuracy on the", said)
    numbers = table(
        tmp_path / "numbers.csv", [(words, str(("per", "loc", "org").index(name))) for words, name in rows]
    )
    assert "names of classes" not in forecast(numbers, text_model, capsys, "--labels_per_class", 1)


def test_images_have_a_forecast_for_the_budget_and_the_truth_of_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save_classifier(tmp_path / "model")
    data = paint(tmp_path / "birds", 8)
    said = forecast(data, model, capsys, "--labels_per_class", 2)
    assert "6 of 6 labelled, 6 of 6 test, 12 of 12 unlabelled" in said
    assert "labels hidden in 2 folds" in said
    assert "on the 12 unlabelled images, whose classes are in the data: probe 100.0, propagation 100.0" in said
    assert "no BatchNorm layer" in said


def test_words_have_the_f1_of_their_entities(
    text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = columns(tmp_path / "words.conll", 40)
    said = forecast(data, text_model, capsys, "--label_ratio", 0.5)
    assert "sentences that were read in" in said
    assert "20 of 20 labelled, 20 of 20 unlabelled" in said
    assert "F1 of the entities in %" in said
    assert re.search(r"labels hidden in 5 folds, probe on the other labels: \d+\.\d \(\d+\.\d to \d+\.\d\)", said)
    assert re.search(r"on the 20 unlabelled sentences, whose tags are in the data: probe \d+\.\d, propagation", said)
    assert "near duplicates between training and scored parts: there is no dev or test part" in said
    assert "far from all other examples" in said


def test_sentences_in_two_parts_are_near_duplicates(
    text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        f"{text(label, number)},B-{'PER' if label else 'LOC'} O O O O" for label in (0, 1) for number in range(20)
    ]
    data, scored = tmp_path / "train.csv", tmp_path / "test.csv"
    data.write_text("\n".join(["tokens,tags", *lines]))
    scored.write_text("\n".join(["tokens,tags", lines[3], f"{text(2, 0)},O O O O O"]))
    said = forecast(data, text_model, capsys, "--test_file", scored, "--label_ratio", 0.5)
    assert "20 of 20 labelled, 2 of 2 test, 20 of 20 unlabelled" in said
    copied = lines[3].partition(",")[0]
    assert f"1.000  {copied}  =  {copied}" in said.partition("near duplicates")[2]
    assert "(in: " not in said.partition("near duplicates")[2]


def test_one_tagged_sentence_has_no_cross_validation(
    text_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, more = tmp_path / "words.txt", tmp_path / "more.txt"
    data.write_text("Anna B-PER\nsaw O\nOslo B-LOC\n")
    more.write_text("Ben left\nit rained\n")
    said = forecast(data, text_model, capsys, "--unlabeled_file", more)
    assert "no cross-validation: it needs two sentences with two tags" in said


def test_the_model_is_the_one_that_a_run_would_take(
    usual_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(columns(tmp_path / "words.conll", 12))]) == 0
    said = capsys.readouterr()
    assert "words beyond 16 pieces" in said.out  # the model reads fewer than a run's 128
    assert "Word pieces are those of all-MiniLM-L6-v2 (embedded), the model of the forecast." in said.out
    assert "forecast: frozen features of all-MiniLM-L6-v2 (embedded), before any training" in said.out
    assert said.err.count("*** The Hub cannot be reached") == 1


@pytest.mark.parametrize("flags", [["--forecast", "False"], ["--no_forecast"]])
def test_the_forecast_can_be_left_out(
    usual_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    assert main(["inspect", str(columns(tmp_path / "words.conll", 4)), *flags]) == 0
    said = capsys.readouterr().out
    assert "Word pieces are those of" in said
    assert "forecast:" not in said


def test_data_without_labels_have_no_forecast_and_are_refused_if_one_is_asked_for(
    usual_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = table(tmp_path / "a.csv", [(text(0, number), "") for number in range(4)])
    words = ["inspect", str(data), "--task", "text"]
    assert main(words) == 0
    assert "no forecast: it needs labels, and the data have none." in capsys.readouterr().out
    for asked in (["--forecast"], ["--forecast", "True"]):
        assert main([*words, *asked]) == 2
        said = capsys.readouterr()
        assert "a.csv: 4 texts without classes" in said.out
        assert "no forecast" not in said.out


def test_a_budget_that_a_run_refuses_is_the_reason_for_no_forecast(
    usual_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = table(
        tmp_path / "a.csv", [(text(label, number), "abc"[label]) for label in range(3) for number in range(9)]
    )
    words = ["inspect", str(data), "--labels_per_class", "100"]
    assert main(words) == 0
    reason = capsys.readouterr().out.partition("no forecast: ")[2].strip()
    assert "100" in reason
    assert main([*words, "--forecast"]) == 2
    assert reason in capsys.readouterr().err


def test_images_that_a_run_refuses_are_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = paint(tmp_path / "birds", 2, classes=("blue",))
    (data / "blue").rename(tmp_path / "more")
    assert main(["inspect", str(tmp_path / "more")]) == 0
    said = capsys.readouterr().out
    assert "more/: 2 images without classes" in said
    assert "no forecast: " in said


def test_no_encoder_leaves_out_lengths_and_forecast_unless_a_flag_asks_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedded, "MINILM", {})
    words = ["inspect", str(columns(tmp_path / "words.conll", 4))]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "words a sentence" in said
    assert "pieces  " not in said
    assert (
        "Lengths in word pieces and the forecast are left out: The encoder all-MiniLM-L6-v2 is read from the" in said
    )
    assert main([*words, "--forecast"]) == 2
    assert main([*words, "--model_name_or_path", str(tmp_path / "none")]) == 2


def test_a_doubt_is_not_told_again_when_the_forecast_reads_the_data(
    text_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [(text(label, number), "abc"[label]) for label in range(3) for number in range(8)]
    data = table(tmp_path / "train.csv", [*rows, rows[0]])
    assert main(["inspect", str(data), "--model_name_or_path", str(text_model)]) == 0
    assert caplog.text.count("1 text is there more than once") == 1
