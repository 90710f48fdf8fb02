"""A run whose score fails is kept and scored again; a saved model is scored on its own data and on others."""

import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard
from in_process import Run, recipe, results, runner
from small_data import columns, paint
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

from hf_selftuning import WordDataArguments, evaluate_model
from hf_selftuning.cli.main import main
from hf_selftuning.experiment.command.command_end import IncompleteRunError, sentence_of
from hf_selftuning.experiment.running import outputs
from hf_selftuning.experiment.words import word_setup
from hf_selftuning.experiment.words.tagger import Tagger
from hf_selftuning.experiment.words.word_setup import WordSetup
from hf_selftuning.metrics import entity_counts
from hf_selftuning.report import results as report


@pytest.fixture
def run(words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    train, test, dev = (
        columns(tmp_path / f"{name}.conll", size) for name, size in (("train", 20), ("test", 9), ("dev", 7))
    )
    files = {"train_file": train, "test_file": test, "validation_file": dev}
    usual = {"model_name_or_path": words_model, **files, "max_steps": 4, "learning_rate": 1e-2}
    return runner(recipe("run_ner"), monkeypatch, tmp_path / "run", **usual)


def scores(folder: Path) -> dict[str, tuple[float | None, float | None]]:
    return {row["method"]: (row["dev_f1"], row["test_f1"]) for row in results(folder)["rows"]}


def breaking(monkeypatch: pytest.MonkeyPatch, rows: int, part: int) -> None:
    """Scoring fails on the part of this many sentences, for the first rows."""
    predict, left = WordSetup.predict, iter(range(rows))

    def broken(self: WordSetup, trainer: Any, examples: Any) -> Any:
        if len(examples) == part and next(left, None) is not None:
            raise OSError("image file is truncated")
        return predict(self, trainer, examples)

    monkeypatch.setattr(WordSetup, "predict", broken)


def test_a_score_that_fails_leaves_all_else_and_is_entered_later(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    whole = run()
    expected, folder = scores(whole), tmp_path / "broken"
    monkeypatch.setattr(word_setup, "hub_id", lambda _: "someone/words")
    with monkeypatch.context() as patch:
        breaking(patch, rows=2, part=9)
        with pytest.raises(IncompleteRunError, match="complete except that fine_tuning was not scored on test; self"):
            run(output_dir=folder)
    said = capsys.readouterr()
    assert "fine_tuning could not be scored on test: image file is truncated" in said.err
    assert "self_tuning" in said.out[said.out.rindex("s/step") :]
    assert scores(folder) == {row: (dev, None) for row, (dev, _) in expected.items()}
    assert results(folder)["not_scored"] == {"fine_tuning": ["test"], "self_tuning": ["test"]}
    assert "- not scored: fine_tuning test, self_tuning test" in (folder / "results.md").read_text()
    assert {"results.json", "results.md", "curves.png", "split.json", "run.json"} <= {p.name for p in folder.iterdir()}

    found = evaluate_model(folder, use_cpu=True)
    assert [(one.row, one.score) for one in found] == [(row, test) for row, (_, test) in expected.items()]
    assert scores(folder) == expected
    assert "not_scored" not in results(folder)
    assert results(folder)["decodings"] == results(whole)["decodings"]
    assert "F1 (%) by decoding:" in (folder / "results.md").read_text()
    table = (whole / "results.md").read_text().split("\n\n")[2].splitlines()[2]
    assert table.split("|")[:8] == (folder / "results.md").read_text().split("\n\n")[2].splitlines()[2].split("|")[:8]
    assert "not scored" not in (folder / "results.md").read_text()
    card = ModelCard.load(folder / "model" / "README.md")
    assert "The difference to fine-tuning is" in card.text
    legal = results(folder)["decodings"]["self_tuning"]
    sentence = f"F1 is {100 * legal['dev']['legal']:.2f} % on dev and {100 * legal['test']['legal']:.2f} % on test."
    assert sentence in card.text
    assert "shows the scores of argmax decoding: the most probable tag of each word, which the pipeline" in card.text
    assert [one.metric_value for one in card.data.eval_results if one.dataset_split == "test"] == [found[-1].score]


def test_model_card_and_results_are_there_before_anything_is_scored(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(self: WordSetup, trainer: Any, examples: Any) -> Any:
        folder = self.folder
        seen.append((len(results(folder)["rows"]), (folder / "model" / "model.safetensors").is_file()))
        assert (folder / "model" / "README.md").is_file()
        raise KeyboardInterrupt

    monkeypatch.setattr(WordSetup, "predict", look)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert seen == [(1, True)]


def test_a_score_that_fails_during_the_training_leaves_the_model_of_that_step(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        def compute(evaluated: Any) -> dict[str, float]:
            raise KeyError("tags")

        return compute

    monkeypatch.setattr(WordSetup, "scores_of", broken)
    with pytest.raises(KeyError) as caught:
        run(eval_steps=2)
    stopped = outputs.RunRecord.stopped_model_of(tmp_path / "run", "fine_tuning")
    said = f"The model of step 2 of 4 is in {stopped}; `hf-selftuning evaluate {stopped} DATA` scores it."
    assert sentence_of(caught.value).endswith(said)
    monkeypatch.undo()
    (scored,) = evaluate_model(str(stopped), str(columns(tmp_path / "scored.conll", 6)))
    assert len(scored.counts) == 6


def test_the_table_shows_the_decoding_that_the_flag_names_and_both_are_recorded(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    files = {name: tmp_path / f"{name}.conll" for name in ("train", "test")}
    for path in files.values():  # two words to an entity, so that a sequence of tags can be illegal
        path.write_text(path.read_text().replace("visited O", "visited I-PER").replace("in O", "in I-ORG"))
    steps = {"do_train": True, "do_predict": True, "max_steps": 2, "learning_rate": 0.1}
    folder = run(decoding="legal", compare_fine_tuning=False, validation_file=None, label_ratio=1.0, **steps)
    ((_, test),) = scores(folder).values()
    decodings = results(folder)["decodings"]["self_tuning"]["test"]
    assert list(decodings) == ["legal", "argmax"]
    assert test == decodings["legal"]
    own = Tagger(folder / "model", device="cpu", decoding="legal")
    lines = [json.loads(line) for line in (folder / "test_predictions.jsonl").read_text().splitlines()]
    assert [line["tags"] for line in lines] == [[tag for tag, _ in own.tags_of([line["tokens"]])[0]] for line in lines]

    capsys.readouterr()
    assert main(["evaluate", str(folder), "--json", "--use_cpu", "--decoding", "argmax"]) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["f1"], line["decodings"]) == (decodings["argmax"], decodings)
    assert scores(folder) == {"self_tuning": (None, test)}  # the table keeps the decoding of the run
    assert main(["evaluate", str(folder), "--use_cpu"]) == 0
    assert f"legal decoding: F1 {100 * test:.2f} %" in capsys.readouterr().out

    # Words whose tags are hidden are decoded with the others.
    given = [[word.split()[1] for word in text.splitlines()] for text in files["test"].read_text().split("\n\n")]
    rows = [
        {"tokens": line["tokens"], "ner_tags": [tags[0], -100, *tags[2:]]}
        for line, tags in zip(lines, given, strict=True)
    ]
    (tmp_path / "hidden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    kept = [[tag for place, tag in enumerate(line["tags"]) if place != 1] for line in lines]
    truth = [[tag for tag in row["ner_tags"] if tag != -100] for row in rows]
    (found,) = evaluate_model(folder, str(tmp_path / "hidden.jsonl"), use_cpu=True)
    assert found.counts.tolist() == entity_counts(kept, truth).tolist()


def test_a_figure_that_cannot_be_written_costs_only_the_figure(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device", "curves.png")

    monkeypatch.setattr(report, "draw_curves", full)
    with pytest.raises(IncompleteRunError, match="could not be written: There is no space left for curves"):
        run(compare_fine_tuning=False)
    assert "self_tuning, test: F1" in capsys.readouterr().out


@pytest.mark.slow
def test_a_model_is_scored_on_other_data_as_its_run_read_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = run(compare_fine_tuning=False, validation_share=0.2, label_ratio=0.7)
    ((dev, test),) = scores(folder).values()
    before = (folder / "results.json").read_text()
    for model, data in ((folder, str(tmp_path / "test.conll")), (folder / "model", str(tmp_path / "test.conll"))):
        (found,) = evaluate_model(model, data, use_cpu=True)
        assert (found.score, found.metric, len(found.counts)) == (test, "f1", 9)
        low, high = found.interval
        assert low <= test <= high
    (held_out,) = evaluate_model(folder, part="dev", use_cpu=True)
    assert held_out.score == dev
    assert json.loads(before) == json.loads((folder / "results.json").read_text())
    (tmp_path / "named.csv").write_text("text,gold\nAnna visited Oslo,B-PER O B-LOC\nAcme paid Ben,B-ORG O B-PER\n")
    flags = WordDataArguments(test_file=str(tmp_path / "named.csv"), text_column_name="text", label_column_name="gold")
    assert len(evaluate_model(folder, flags, use_cpu=True)[0].counts) == 2
    capsys.readouterr()
    assert main(["evaluate", str(folder), str(tmp_path / "test.conll"), "--json", "--use_cpu"]) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["f1"], line["sentences"], line["part"]) == (test, 9, "test")


def test_what_cannot_be_scored_is_said_and_unknown_types_count_as_missed(run: Run, tmp_path: Path) -> None:
    folder, model = run(compare_fine_tuning=False, test_file=None), tmp_path / "run" / "model"
    for given, words in (
        ({}, "has no test part; take --part dev, or name data after the folder"),
        ({"data": "nowhere.conll"}, "There is no file or folder nowhere.conll to score the model on"),
        ({"part": "train"}, "part='train' is no part that is scored; give test or dev"),
    ):
        with pytest.raises(ValueError, match=words):
            evaluate_model(folder, use_cpu=True, **given)
    with pytest.raises(ValueError, match="is no run's folder, so it names no data"):
        evaluate_model(model)
    known = columns(tmp_path / "known.conll", 9).read_text()
    (tmp_path / "strange.conll").write_text(known.replace("visited O", "visited B-DEED"))
    (plain,) = evaluate_model(model, str(tmp_path / "known.conll"), use_cpu=True)
    (strange,) = evaluate_model(model, str(tmp_path / "strange.conll"), use_cpu=True)
    assert (strange.counts - plain.counts).sum(0).tolist() == [0, 0, known.count("visited O")]


@pytest.mark.slow
def test_a_classifier_of_images_gets_the_score_of_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(tmp_path / "vit")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "vit")
    train, test = paint(tmp_path / "train", 6), paint(tmp_path / "test", 3)
    flags = {"model_name_or_path": tmp_path / "vit", "data_dir": train, "test_dir": test, "labels_per_class": 3}
    run = runner(recipe("run_image_classification"), monkeypatch, tmp_path / "run", **flags)
    folder = run(compare_fine_tuning=False, ten_crop=True, max_steps=3)
    (row,) = results(folder)["rows"]
    for model, data in ((folder, None), (folder, str(test))):
        (found,) = evaluate_model(model, data, use_cpu=True)
        assert (found.score, len(found.counts), found.unit_name) == (row["test_accuracy"], 9, "images")
    (test / "red").rename(test / "purple")
    with pytest.raises(ValueError, match="has images of purple, and the model knows blue, green, red"):
        evaluate_model(folder / "model", str(test), use_cpu=True)
    assert outputs.RunRecord.load(folder).data_flags["test_dir"] == str(test)
