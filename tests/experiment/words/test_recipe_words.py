"""What the recipe for words does with files, flags and folders of all kinds, in this process and with a tiny model."""

import json
from pathlib import Path
from types import ModuleType

import pytest
from datasets import Dataset
from huggingface_hub import ModelCard
from in_process import Run, recipe, results, runner
from seqeval.metrics import f1_score
from small_data import columns, sentences
from transformers import (
    AutoTokenizer,
)

from hf_selftuning import FlagParser, ImageSetup, SelfTuningConfig, WordSetup
from hf_selftuning.cli.main import main
from hf_selftuning.data.words.word_encoding import encode_words
from hf_selftuning.experiment.words import word_setup


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return recipe("run_ner")


@pytest.fixture
def run(module: ModuleType, words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    train = columns(tmp_path / "train.conll", 20)
    return runner(module, monkeypatch, tmp_path / "run", model_name_or_path=words_model, train_file=train)


def test_without_dev_and_test_the_table_has_a_dash_for_both(run: Run, capsys: pytest.CaptureFixture) -> None:
    assert [(row["dev_f1"], row["test_f1"]) for row in results(run())["rows"]] == [(None, None)] * 2
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("fine_tuning"))
    assert line.split()[3:5] == ["-", "-"]


def test_tables_give_the_same_split_as_column_files(run: Run, tmp_path: Path) -> None:
    rows = sentences(20)
    csv = ["tokens,ner_tags", *(f"{' '.join(words)},{' '.join(tags)}" for words, tags in rows)]
    (tmp_path / "train.csv").write_text("\n".join(csv))
    made = [json.dumps({"tokens": words, "ner_tags": tags}) for words, tags in rows]
    (tmp_path / "train.json").write_text("\n".join(made))
    column_file = results(run(compare_fine_tuning=False))["split_hash"]
    for suffix in ("csv", "json"):
        given = {"train_file": tmp_path / f"train.{suffix}", "output_dir": tmp_path / suffix}
        table = results(run(compare_fine_tuning=False, **given))
        assert table["split_hash"] == column_file
        assert [row["method"] for row in table["rows"]] == ["self_tuning"]


def test_the_scheme_of_the_tags_is_said(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(train_file=columns(tmp_path / "old.conll", 20, opening="I"), compare_fine_tuning=False)
    assert "old.conll: 20 sentences, 120 words, tags IOB1, 3 types" in caplog.text


def test_all_labels_and_more_sentences_train_together(run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("Anna visited Rome .\nBen from Acme\n" * 3)
    rows = results(run(label_ratio=1.0, unlabeled_file=tmp_path / "more.txt"))["rows"]
    assert [(row["labeled"], row["unlabeled"]) for row in rows] == [(20, 0), (20, 6)]


def test_beside_sentences_of_ones_own_without_tags_all_labels_are_kept_unless_said(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "more.txt").write_text("Anna visited Rome .\nBen from Acme\n" * 3)
    own = {"unlabeled_file": tmp_path / "more.txt", "compare_fine_tuning": False}
    (row,) = results(run(**own))["rows"]
    assert (row["labeled"], row["unlabeled"]) == (20, 6)
    said = capsys.readouterr().out
    assert "all 20" in next(line for line in said.splitlines() if "labels kept" in line)
    (row,) = results(run(label_ratio=0.5, output_dir=tmp_path / "half", **own))["rows"]
    assert (row["labeled"], row["unlabeled"]) == (10, 16)


def test_all_labels_without_more_sentences_train_the_labelled_contrast_alone(
    run: Run, capsys: pytest.CaptureFixture
) -> None:
    row = results(run(label_ratio=1.0, methods="self_tuning:warmup_ratio=0.0", max_steps=2))["rows"][1]
    assert (row["labeled"], row["unlabeled"]) == (20, 0)
    said = capsys.readouterr().out
    assert "loss_pgc_labeled" in said
    assert "loss_pgc_unlabeled" not in said


def test_labels_a_class_and_settings_of_a_method_reach_the_results(run: Run) -> None:
    made = results(run(labels_per_class=2, methods="self_tuning:temperature=3e-1,preset=words"))
    assert (made["label_ratio"], made["labels_per_class"]) == (None, 2)
    assert 1 <= made["rows"][0]["labeled"] <= 8
    assert made["rows"][1]["settings"]["Self-Tuning"]["temperature"] == 0.3


def test_a_split_is_read_back_and_goes_with_no_other_budget(run: Run, tmp_path: Path) -> None:
    first = run(label_ratio=0.4, compare_fine_tuning=False)
    again = run(split_file=first / "split.json", output_dir=tmp_path / "again", compare_fine_tuning=False)
    assert results(again)["split_hash"] == results(first)["split_hash"]
    assert results(again)["label_ratio"] == 0.4
    with pytest.raises(ValueError, match=r"drawn with label_ratio=0\.4, and --label_ratio 0\.9 was given beside it"):
        run(split_file=first / "split.json", label_ratio=0.9, output_dir=tmp_path / "other")


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("bestmatch", "There is no method 'bestmatch'; there are self_tuning"),
        ("self_tuning:temprature=1", r"SelfTuning has no setting 'temprature'; it has alignment.*Did you mean"),
        ("self_tuning:preset=birds", "no preset 'birds'; it has paper, images, photos, pool, words"),
        ("self_tuning:temperature", "'temperature' in 'self_tuning:temperature' has no value"),
        ("self_tuning:momentum=2.0", r"SelfTuning has momentum=2\.0, which is no share; it is in \[0, 1\]"),
        (["self_tuning", "self_tuning"], "SelfTuning is there twice"),
    ],
)
def test_a_method_that_cannot_be_is_refused_before_any_data_is_read(run: Run, method: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(methods=method, train_file="nowhere.conll")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"data\.conll does not exist"),
        ("", r"data\.conll holds no sentence"),
        ("Anna B-PER\nleft\n", r"data\.conll, line 2: 1 columns where the first line has 2"),
    ],
)
def test_a_file_that_does_not_fit_is_named(run: Run, tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "data.conll").write_text(text)
    for flag in ("train_file", "test_file", "unlabeled_file"):
        with pytest.raises(ValueError, match=message):
            run(**{flag: tmp_path / "data.conll"})


def test_long_sentences_are_read_in_windows_and_scored_and_answered_whole(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    long = columns(tmp_path / "long.conll", 12)
    long.write_text(long.read_text().replace("\n\n", "\n"))  # one sentence of 70 words
    parts = {"train_file": columns(tmp_path / "train.conll", 20), "validation_file": long, "test_file": long}
    learned = {"max_steps": 8, "learning_rate": 0.02, "eval_steps": 8, "label_ratio": 1.0}
    folder = run(max_length=12, compare_fine_tuning=False, methods="fine_tuning", **parts, **learned)
    assert "dev: 1 of 1 sentences are longer than 12 word pieces and are read in 9 windows that overlap" in caplog.text
    [row] = results(folder)["rows"]
    assert 0 < row["test_f1"] == row["dev_f1"]
    assert main(["predict", str(folder), str(long), "--json", "--output", str(tmp_path / "said.jsonl")]) == 0
    said = json.loads((tmp_path / "said.jsonl").read_text())
    given = [line.split()[1] for line in long.read_text().splitlines()]
    assert f1_score([given], [[word["tag"] for word in said["words"]]]) == pytest.approx(row["test_f1"])


def test_a_word_without_a_piece_shifts_no_tag(words_model: Path) -> None:
    data = Dataset.from_dict({"tokens": [["Anna", "\u200d", "Oslo"], ["Ben"]], "ner_tags": [[1, 0, 2], [1]]})
    encoded = encode_words(data, AutoTokenizer.from_pretrained(words_model), max_length=8)
    assert encoded["labels"][0] == [-100, 1, 0, 2, -100]
    assert encoded["labels"][1] == [-100, 1, -100]


def test_room_for_no_word_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="max_length=2 leaves no room for a word beside the 2 special pieces"):
        run(max_length=2)
    with pytest.raises(ValueError, match=r"max_length=5000 is more than the \d+ pieces the model reads"):
        run(max_length=5000)


def test_a_folder_without_a_model_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no config\.json, so no model was saved there"):
        run(model_name_or_path=tmp_path)


# ---- going on, and not going on ----


def test_a_run_goes_on_and_a_finished_row_stays_as_it_was(run: Run, tmp_path: Path) -> None:
    saving = {"save_strategy": "steps", "save_steps": 1, "eval_steps": 1}
    test = columns(tmp_path / "test.conll", 6)
    before = results(run(max_steps=2, test_file=test, **saving))["rows"]
    after = results(run(max_steps=2, test_file=test, resume_from_checkpoint=True, **saving))["rows"]
    assert [row["steps"] for row in after] == [2, 2]
    assert [row["test_f1"] for row in after] == [row["test_f1"] for row in before]
    longer = results(run(max_steps=3, test_file=test, resume_from_checkpoint=True, **saving))["rows"]
    assert [row["steps"] for row in longer] == [3, 3]


def test_a_run_is_neither_mixed_with_another_nor_written_over_by_a_word(run: Run, tmp_path: Path) -> None:
    folder = run(save_strategy="steps", save_steps=1)
    with pytest.raises(ValueError, match="holds another run"):
        run(resume_from_checkpoint=False)
    with pytest.raises(ValueError, match=r"began with other labels than the flags ask for; go on with --split_file"):
        run(resume_from_checkpoint=True, label_ratio=0.7)
    with pytest.raises(ValueError, match="is one checkpoint, and two rows train"):
        run(resume_from_checkpoint=folder / "rows" / "self_tuning" / "checkpoint-1")
    run(overwrite_output_dir=True)
    assert not list(folder.rglob("checkpoint-*"))


def test_an_output_folder_that_is_a_file_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.conll is a file, and a run needs a folder"):
        run(output_dir=tmp_path / "train.conll")


def test_a_checkpoint_chosen_on_dev_is_said_so(run: Run, tmp_path: Path) -> None:
    best = {"load_best_model_at_end": True, "metric_for_best_model": "f1", "save_strategy": "steps", "save_steps": 1}
    dev = columns(tmp_path / "dev.conll", 6)
    folder = run(validation_file=dev, eval_steps=1, compare_fine_tuning=False, **best)
    said = (folder / "results.md").read_text()
    assert "- selection: the checkpoint with the best f1 on dev" in said
    assert "nothing was selected" not in said


def test_health_on_held_out_labels_reaches_results_and_card(run: Run) -> None:
    methods = ["self_tuning:warmup_ratio=0.0"]
    folder = run(label_ratio=0.5, validation_share=0.2, eval_steps=1, max_steps=2, safety_gate=True, methods=methods)
    told = results(folder)["health"]
    tuned = next(figures for title, figures in told.items() if title.startswith("Self-Tuning"))
    assert {
        "coverage on dev (%)",
        "calibration error on dev (%)",
        "queue purity (%)",
        "key age (steps)",
    } <= tuned.keys()
    assert tuned["weight left by the safety gate (%)"] == 100
    assert "- selection: the last step is scored; dev scores set the weight" in (folder / "results.md").read_text()
    assert "## Health" in (folder / "model" / "README.md").read_text()


def test_a_dev_part_that_was_held_out_is_not_in_the_index_of_results(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_setup, "hub_id", lambda _: "someone/words")
    parts = {"validation_file": columns(tmp_path / "dev.conll", 4), "test_file": columns(tmp_path / "test.conll", 4)}
    for share, indexed in ((0.0, ["validation", "test"]), (0.2, ["test"])):
        flags = {"validation_share": share, "output_dir": tmp_path / str(share), "compare_fine_tuning": False}
        card = ModelCard.load(run(label_ratio=0.5, **parts, **flags) / "model" / "README.md")
        assert [result.dataset_split for result in card.data.eval_results] == indexed


# ---- flags ----


def test_a_file_of_flags_may_name_one_method(run: Run, tmp_path: Path) -> None:
    (tmp_path / "flags.yaml").write_text("methods: self_tuning\nlearning_rate: 3e-5\ncompare_fine_tuning: no\n")
    made = results(run(config=tmp_path / "flags.yaml"))
    assert made["learning_rate"] == 3e-5
    assert [row["method"] for row in made["rows"]] == ["self_tuning"]


@pytest.mark.parametrize(
    ("text", "message"), [("- max_steps", "holds a list; write a line `flag: value`"), ("a: [", "is not YAML")]
)
def test_a_file_that_is_no_file_of_flags_is_refused(run: Run, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "flags.yaml").write_text(text)
    with pytest.raises(ValueError, match=message):
        run(config=tmp_path / "flags.yaml")


@pytest.mark.parametrize("name", ["run_ner", "run_image_classification"])
def test_help_explains_every_flag_of_ours(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    parts = (WordSetup if name == "run_ner" else ImageSetup).flags
    ours = {flag for part in (*parts, SelfTuningConfig) for flag in vars(part).get("__annotations__", {})}
    actions = FlagParser(*parts, description="words")._actions
    assert not [action.dest for action in actions if action.dest in ours and not action.help]
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        recipe(name).main()
    said = capsys.readouterr().out
    for flag in ("--config", "--label_ratio", "--head_lr_ratio", "--methods"):
        assert flag in said
