"""The console script, called as its entry point is."""

import json
import re
import shutil
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from huggingface_hub import constants
from image_folders import fill, put
from PIL import Image
from trained import save_classifier, save_tagger, save_text_classifier

from hf_selftuning import METHODS
from hf_selftuning.cli import doctor, list_methods
from hf_selftuning.cli.main import main
from hf_selftuning.cli.method_facts import method_facts
from hf_selftuning.data.splits import Split

ROOT = Path(__file__).parents[2]
SENTENCES = "tokens,tags\nAnna saw Oslo,B-PER O B-LOC\nBen left,B-PER O\nit rained,O O\n"


def test_the_installed_script_is_this_function() -> None:
    (script,) = re.findall(r'^hf-selftuning = "(.*)"$', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    module, _, function = script.partition(":")
    assert getattr(import_module(module), function) is main


# ---- what a user can mend ----


def end(arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit status of a command, and its words on the error stream."""
    try:
        status = main(arguments.split())
    except SystemExit as stopped:
        status = stopped.code
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("train ner --label_ration 0.1", "train ner: There is no flag --label_ration. Did you mean --label_ratio"),
        ("train images --data-dirs x", "There is no flag --data-dirs. Did you mean --data_dir"),
        ("train ner --learning_rat=1", "There is no flag --learning_rat. Did you mean --learning_rate?"),
        ("train ner --zzz", "There is no flag --zzz. `hf-selftuning train ner --help` lists what it takes."),
        ("train ner stray", "'stray' belongs to no flag."),
        ("train ner --train_file --seed 1", "argument --train_file: expected one argument."),
        ("train ner --max_steps many", "argument --max_steps: invalid int value: 'many'."),
        ("train ner --bf16 perhaps", "argument --bf16: 'perhaps' is neither true nor false; give one of them."),
        ("train images --recipe birds", "invalid choice: 'birds' (choose from"),
        ("train ner --logging_strategy sometimes", "invalid choice: 'sometimes' (choose from"),
        ("train ner --methods self_tunin", "train ner: There is no method 'self_tunin'. Did you mean self_tuning?"),
        ("train ner --stages tapt self_tuning+magic", "There is no method 'magic'; there are self_tuning"),
        ("compare --task ner --learning_rat 1", "compare: There is no flag --learning_rat. Did you mean"),
        ("compare --methods self_tuning", "the following arguments are required: --task."),
        ("split --label_ration 1", "split: There is no flag --label_ration. Did you mean --label_ratio?"),
        ("trian ner", "invalid choice: 'trian'"),
    ],
)
def test_a_misspelled_word_is_a_sentence_and_status_2(arguments: str, words: str, capsys) -> None:
    status, said = end(arguments, capsys)
    assert status == 2
    assert words in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "label_ration: 0.1",
            "flags.yaml sets label_ration, which is no flag; --help lists them. Did you mean label_",
        ),
        ("methods: [self_tunin]", "There is no method 'self_tunin'. Did you mean self_tuning?"),
        ("overwrite_cache: true", "--overwrite_cache is a flag of transformers' scripts; leave it out"),
        ("- label_ratio", "flags.yaml holds a list; write a line `flag: value` for each flag."),
    ],
)
def test_a_file_of_flags_is_checked_as_the_command_line_is(line: str, words: str, tmp_path, capsys) -> None:
    (tmp_path / "flags.yaml").write_text(line)
    status, said = end(f"train ner --config {tmp_path / 'flags.yaml'}", capsys)
    assert (status, len(said.splitlines())) == (2, 1)
    assert words in said


@pytest.mark.parametrize("words", ["--debug methods magic", "methods magic --debug"])
def test_the_traceback_is_shown_where_it_is_asked_for(words: str) -> None:
    with pytest.raises(ValueError, match="There is no method 'magic'"):
        main(words.split())


@pytest.mark.parametrize("command", ["", "train", "train ner", "train images", "compare", "compare --task images"])
def test_help_fits_a_terminal(command: str, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    lines = capsys.readouterr().out.splitlines()
    # The values of a flag stand in one line, however many there are.
    assert [line for line in lines if len(line) > 80 and "{" not in line] == []


def test_help_begins_with_data_model_and_labels_and_ends_with_transformers(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["train", "ner", "--help"])
    titles = re.findall(r"^(\S.*):$", capsys.readouterr().out, flags=re.MULTILINE)
    assert titles == [
        "options", "data", "model", "labels and methods", "training", "other training flags, of transformers",
    ]  # fmt: skip


# ---- methods ----


def test_every_method_is_listed_with_its_paper_and_every_setting(capsys) -> None:
    assert main(["methods"]) == 0
    text = capsys.readouterr().out
    for name, method in METHODS.items():
        assert name in text
        assert method.paper in text
        assert all(setting in text for setting in method().settings() if setting != "preset")


def test_the_overview_fits_a_terminal_and_names_the_stages_that_are_no_methods(capsys) -> None:
    assert max(map(len, list_methods.overview(method_facts()).splitlines())) < 125
    assert main(["methods", "bss"]) == 0
    text = capsys.readouterr().out
    assert "fine_tuning trains on the labels alone" in text
    assert "tapt is task-adaptive pretraining on the words alone (https://arxiv.org/abs/2004.10964)" in text


def test_a_setting_shows_its_default_and_what_a_preset_makes_of_it(capsys) -> None:
    main(["methods", "self_tuning"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("projector_dim")]
    assert line.split()[:6] == ["projector_dim", "1024", "256", "256", "256", "128"]


def test_an_unknown_method_is_a_sentence_and_no_traceback(capsys) -> None:
    assert main(["methods", "magic"]) == 2
    assert "hf-selftuning methods: There is no method 'magic'; there are self_tuning" in capsys.readouterr().err


# ---- split ----


def test_a_split_is_made_of_a_file_and_read_again(tmp_path, capsys) -> None:
    (tmp_path / "train.csv").write_text(SENTENCES)
    data, path = str(tmp_path / "train.csv"), str(tmp_path / "split.json")
    assert main(["split", data, "--label_ratio", "0.4", "--output", path]) == 0
    made = Split.read(path)
    assert len(made.labeled) == 2  # a sentence for each type of entity is more than 40 % of three
    assert made.hash in capsys.readouterr().out
    assert main(["split", "--split_file", path]) == 0
    assert "label_ratio 0.4, seed 0" in capsys.readouterr().out


def test_a_split_is_made_of_a_folder_of_tagged_sentences(tmp_path, capsys) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "train.csv").write_text(SENTENCES)
    given = ["--label_ratio", "0.4", "--output", str(tmp_path / "split.json")]
    assert main(["split", str(tmp_path / "words"), *given]) == 0
    assert len(Split.read(tmp_path / "split.json").labeled) == 2
    (tmp_path / "words" / "train.csv").unlink()
    assert main(["split", str(tmp_path / "words"), *given]) == 2
    assert "It was read as sentences of words; --task text or --task images" in capsys.readouterr().err


def test_the_labelled_examples_of_each_class_are_counted(tmp_path, capsys) -> None:
    assert main(["split", "digits", "--labels_per_class", "5", "--output", str(tmp_path / "split.json")]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [name for name, *counts in filter(None, lines) if counts[:1] == ["5"]] == [str(i) for i in range(10)]


def test_a_split_finds_images_again_and_notices_replaced_ones(tmp_path, capsys) -> None:
    folder, path = fill(tmp_path / "birds"), str(tmp_path / "split.json")
    assert main(["split", str(folder), "--labels_per_class", "2", "--output", path]) == 0
    made = Split.read(path).hash
    (folder / "robin" / "0.png").rename(folder / "robin" / "renamed.png")
    shutil.move(folder, tmp_path / "moved")
    assert main(["split", str(tmp_path / "moved"), "--split_file", path]) == 0
    assert made in capsys.readouterr().out
    # Pixels follow from the path. All five of a class, because a fifth is for testing, and the split holds the others.
    for name in ("renamed", *range(1, 5)):
        put(tmp_path / "moved" / "robin" / f"{name}.png")
    assert main(["split", str(tmp_path / "moved"), "--split_file", path]) == 2
    assert "was made for other data: of its 8 examples 4 are not there now" in capsys.readouterr().err


def test_the_split_of_other_data_is_refused(tmp_path, capsys) -> None:
    (tmp_path / "train.csv").write_text(SENTENCES)
    path = str(tmp_path / "split.json")
    main(["split", str(tmp_path / "train.csv"), "--label_ratio", "0.4", "--output", path])
    assert main(["split", "digits", "--split_file", path]) == 2
    assert "was made for other data" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], "A split is drawn from data; name a file or a folder"),
        (["nowhere.csv"], "nowhere.csv is neither a file of tagged sentences or texts nor a folder of class folders"),
        (["digits"], "A split needs one budget"),
    ],
)
def test_a_split_without_data_or_budget_is_refused(flags, words, capsys) -> None:
    assert main(["split", *flags]) == 2
    assert words in capsys.readouterr().err


# ---- predict ----


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tagger(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("images"))


def test_sentences_of_files_are_tagged(tagger: Path, tmp_path, capsys) -> None:
    (tmp_path / "a.txt").write_text("w7 w8\n\nw9\n")
    assert main(["predict", str(tagger), str(tmp_path / "a.txt"), "--json", "--device", "cpu"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [item["source"].rpartition(":")[2] for item in found] == ["1", "2"]
    assert [[(word["text"], word["tag"]) for word in item["words"]] for item in found] == [
        [("w7", "B-PER"), ("w8", "B-PER")],
        [("w9", "B-PER")],
    ]
    assert main(["predict", str(tagger), str(tmp_path / "a.txt"), "--device", "cpu"]) == 0
    assert [line.split()[1:] for line in capsys.readouterr().out.splitlines()[2:]] == [
        ["PER", "0.987", "0", "2", "w7"],
        ["PER", "0.987", "3", "5", "w8"],
        ["PER", "0.987", "0", "2", "w9"],
    ]


def test_answers_go_into_a_file_for_a_tool_and_images_have_none(
    tagger: Path, classifier: Path, tmp_path, capsys
) -> None:
    (tmp_path / "a.txt").write_text("w7  w8\n")
    form = ["--format", "doccano", "--output", str(tmp_path / "new.jsonl")]
    assert main(["predict", str(tagger), str(tmp_path / "a.txt"), *form]) == 0
    assert capsys.readouterr().out == ""
    row = json.loads((tmp_path / "new.jsonl").read_text())
    assert row == {"text": "w7  w8", "label": [[0, 2, "PER"], [4, 6, "PER"]]}
    assert main(["predict", str(classifier), str(tmp_path), *form]) == 2
    assert "--format doccano is for models that tag words" in capsys.readouterr().err


def test_images_are_classified_one_by_one_or_by_the_folder(classifier: Path, tmp_path, capsys) -> None:
    for name in ("a.png", "b.jpg"):
        Image.new("RGB", (20, 40)).save(tmp_path / name)
    assert main(["predict", str(classifier), str(tmp_path), str(tmp_path / "a.png"), "--top", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [Path(line.split()[0]).name for line in lines] == ["a.png", "a.png", "b.jpg", "b.jpg", "a.png", "a.png"]
    assert [line.split()[1] for line in lines[:2]] == ["LABEL_1", "LABEL_2"]


def test_text_for_a_model_of_images_is_refused(classifier: Path, tmp_path, capsys) -> None:
    (tmp_path / "a.txt").write_text("w7")
    assert main(["predict", str(classifier), str(tmp_path / "a.txt")]) == 2
    assert "a.txt is no image, and the model classifies images; give .apng" in capsys.readouterr().err


def test_a_path_that_is_no_image_or_folder_does_not_stop_the_others(classifier: Path, tmp_path, capsys) -> None:
    Image.new("RGB", (20, 40)).save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("Anna")
    inputs = [str(tmp_path / name) for name in ("a.txt", "nowhere", "a.png")]
    assert main(["predict", str(classifier), *inputs, "--json", "--device", "cpu"]) == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["source"] for line in printed.out.splitlines()] == [inputs[2]]
    assert "2 inputs have no answer." in printed.err
    assert f"There is no file or folder {inputs[1]}" in printed.err
    assert "a.txt is no image" in printed.err


def test_classes_go_into_a_file_as_they_would_be_printed(classifier: Path, tmp_path, capsys) -> None:
    Image.new("RGB", (20, 40)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    folder = tmp_path / "answers"
    told = ["predict", str(classifier), str(tmp_path), "--json", "--output", str(folder / "new.jsonl")]
    assert main(told) == 2
    assert f"There is no file or folder {folder}; check the path." in capsys.readouterr().err
    folder.mkdir()
    assert main(told) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert "1 input has no answer." in printed.err
    assert [json.loads(line)["label"] for line in (folder / "new.jsonl").read_text().splitlines()] == ["LABEL_1"]


def test_a_file_that_cannot_be_read_does_not_stop_the_texts_of_others(tmp_path, capsys) -> None:
    model = save_text_classifier(tmp_path / "model")
    (tmp_path / "a.txt").write_text("w7 w8\n\nw9\n")
    (tmp_path / "latin.txt").write_bytes("w7 \xe4".encode("latin-1"))
    files = [str(tmp_path / name) for name in ("latin.txt", "nowhere.txt", "a.txt")]
    assert main(["predict", str(model), *files, "--json", "--device", "cpu"]) == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["text"] for line in printed.out.splitlines()] == ["w7 w8", "w9"]
    assert "2 inputs have no answer." in printed.err
    assert "latin.txt is not UTF-8" in printed.err
    assert "nowhere.txt does not exist" in printed.err
    assert main(["predict", str(model), files[1]]) == 2


@pytest.mark.parametrize("flag", ["--top", "--batch_size"])
@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_numbers_of_a_prediction_start_at_one(flag, value, classifier: Path, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["predict", str(classifier), "a.png", flag, value])
    assert f"'{value}' is given where a whole number from 1 is wanted" in capsys.readouterr().err


def test_a_folder_for_a_tagger_is_refused_with_flags_that_exist(tagger: Path, tmp_path, capsys) -> None:
    assert main(["predict", str(tagger), str(tmp_path), "--device", "cpu"]) == 1
    assert f"{tmp_path} is a folder, and this model tags words in files; give {tmp_path}/*." in capsys.readouterr().err


# ---- doctor ----


def findings(found: list[doctor.Finding]) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in found}


def test_a_missing_package_and_an_old_one_have_a_cure() -> None:
    found = findings(doctor.packages(["no-such-package>=2", "tabulate>=99", "numpy", "absent-too; extra == 'peft'"]))
    assert (found["no-such-package"].state, found["no-such-package"].cure) == (
        "missing",
        "pip install 'no-such-package>=2'",
    )
    assert (found["tabulate"].state, found["tabulate"].cure) == ("other version", "pip install -U 'tabulate>=99'")
    assert found["numpy"].state == "ok"
    assert found["absent-too"].state == "-"


def test_the_doctor_shows_this_library_and_all_that_it_needs() -> None:
    (needed,) = re.findall(
        r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL
    )
    found = findings(doctor.packages(re.findall(r'"(.*)"', needed)))
    assert {"python", "hf_selftuning", "huggingface_hub", "transformers"} <= found.keys()
    assert found["hf_selftuning"].found == version("hf_selftuning")
    assert found["huggingface_hub"].state == "ok"


def test_the_doctor_shows_that_a_token_is_there_and_not_which(capsys, monkeypatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(doctor, "EMBEDDED", {})
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "hf_secret" not in text
    # With the blank behind it: the package tokenizers is another finding.
    assert [line.split()[:2] for line in text.splitlines() if line.startswith("token ")] == [["token", "there"]]


def test_the_doctor_asks_the_hub(monkeypatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for answers, word in ((True, "answers"), (False, "does not answer")):
        monkeypatch.setattr(doctor, "hub_reachable", lambda answers=answers: answers)
        assert findings(doctor.hub())["Hub"].found.endswith(word)


def test_the_doctor_fails_where_something_must_be_mended(monkeypatch, capsys) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: ["no-such-package"])
    monkeypatch.setattr(doctor, "EMBEDDED", {})
    assert main(["doctor"]) == 1
    assert "1 to fix." in capsys.readouterr().out


def test_linked_folders_of_images_are_told_from_words(tmp_path, capsys) -> None:
    for name in ("blue", "red"):
        fill(tmp_path / name, (name,), 2)
        (tmp_path / "linked").mkdir(exist_ok=True)
        (tmp_path / "linked" / name).symlink_to(tmp_path / name / name)
    (tmp_path / "linked" / "above").symlink_to(tmp_path / "linked")
    assert main(["inspect", str(tmp_path / "linked"), "--forecast", "False"]) == 0
    assert "4 images, 2 classes (blue 2, red 2)" in capsys.readouterr().out


def test_data_that_are_no_words_are_refused_with_the_other_kinds(tmp_path, capsys) -> None:
    (tmp_path / "a.csv").write_text("image,red,green\n1,0,1\n2,1,0\n")
    assert main(["inspect", str(tmp_path / "a.csv")]) == 2
    assert "--task text or --task images reads texts or images." in capsys.readouterr().err


def test_a_table_that_is_read_neither_as_words_nor_as_texts_gives_both_reasons(tmp_path, capsys) -> None:
    (tmp_path / "a.csv").write_text("text,rude,long\nAda slept,1,0\nIt rained,0,1\nHow odd,1,0\nWell then,0,1\n")
    assert main(["inspect", str(tmp_path / "a.csv"), "--forecast", "False"]) == 0
    said = capsys.readouterr().out
    assert "As training data: " in said
    assert "As texts of one class each: " in said
    assert "the columns ['rude', 'long'] hold 0 and 1, as if each stood for a class" in said
