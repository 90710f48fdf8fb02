"""Each row of the table in docs/your_texts.md: what a file looks like, and how it is read."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
import tiny
from page_rows import unchecked_rows

from hf_selftuning import encode_texts, load_texts, read_unlabeled_texts
from hf_selftuning.cli.data_kind import is_texts
from hf_selftuning.data.dataset_parts import load_parts
from hf_selftuning.data.texts.text_files import holds_classed_texts

TEXTS = ["My card has not arrived", "How do I top up?", "Where is my card", "I want to add money", "No card came yet",
         "Can you top up for me"]  # fmt: skip
CLASSES = ["arrival", "top_up"] * 3
GIVEN = list(zip(CLASSES, TEXTS, strict=True))
WHOLE: dict[str, Any] = {"test_share": 0}
Write = Callable[[Path], Any]


def read(path: Path | str, **flags: Any) -> list[tuple[str, str]]:
    """Class and text of each training example."""
    data = load_texts(train_file=path, **{**WHOLE, **flags})
    return [(data.class_names[row["label"]], row["text"]) for row in data.train]


def csv(path: Path, header: str = "text,label\n", between: str = ",") -> Path:
    quote = '"' if between == "," else ""
    lines = [f"{quote}{text}{quote}{between}{name}" for name, text in GIVEN]
    path.write_text(header.replace(",", between) + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def rows(text: str = "text", label: str = "label", **more: Any) -> list[dict[str, Any]]:
    return [{text: words, label: name, **more} for name, words in GIVEN]


def parquet(path: Path) -> Path:
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=CLASSES[:2])})
    numbers = [CLASSES.index(name) for name in CLASSES]
    datasets.Dataset.from_dict({"text": TEXTS, "label": numbers}, features=features).to_parquet(str(path))
    return path


def folder(root: Path) -> Path:
    for number, (name, text) in enumerate(GIVEN):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
    return root


def packed(path: Path) -> Path:
    path.write_bytes(gzip.compress(csv(path.with_suffix(".plain")).read_bytes()))
    return path


def task(text: str, *values: dict[str, Any]) -> dict[str, Any]:
    """A task of Label Studio with an annotation for each value."""
    return {"data": {"text": text}, "annotations": [{"result": [{"value": value}]} for value in values]}


def label_studio(path: Path) -> Path:
    path.write_text(json.dumps([task(text, {"choices": [name]}) for name, text in GIVEN]), encoding="utf-8")
    return path


def alternating(path: Path, write: Callable[[int, str], str]) -> Path:
    path.write_text("".join(write(number, text) for number, text in enumerate(TEXTS)), encoding="utf-8")
    return path


def chatbot(path: Path) -> Path:
    made = [
        {"tag": name, "patterns": [text for label, text in GIVEN if label == name], "responses": ["Sure"]}
        for name in CLASSES[:2]
    ]
    path.write_text(json.dumps({"intents": made}))
    return path


READ: dict[str, tuple[str, Write, dict[str, Any]]] = {
    "csv": ("a.csv", csv, {}),
    "semicolons": ("a.csv", lambda path: csv(path, between=";"), {}),
    "bars": ("a.csv", lambda path: csv(path, between="|"), {}),
    "tsv": ("a.tsv", lambda path: csv(path, between="\t"), {}),
    "without a header": ("a.csv", lambda path: csv(path, header=""), {}),
    "columns by number": (
        "a.csv",
        lambda path: csv(path, header="eins,zwei\n"),
        {"text_column_name": "1", "label_column_name": "2"},
    ),
    "own names": ("a.csv", lambda path: csv(path, header="Anliegen,Kategorie\n"), {}),
    "byte order mark": ("a.csv", lambda path: csv(path, header="\ufefftext,label\n"), {}),
    "windows line ends": (
        "a.csv",
        lambda path: [csv(path), path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))],
        {},
    ),
    "utf-16": ("a.csv", lambda path: [csv(path), path.write_text(path.read_text(), encoding="utf-16")], {}),
    "gzip": ("a.csv.gz", packed, {}),
    "json lines": ("a.jsonl", lambda path: lines(path, rows()), {}),
    "json list": ("a.json", lambda path: path.write_text(json.dumps(rows("utterance", "intent"))), {}),
    "pairs of values": ("a.jsonl", lambda path: lines(path, [[text, name] for name, text in GIVEN]), {}),
    "rows inside": ("a.json", lambda path: path.write_text(json.dumps({"data": rows()})), {}),
    "parquet with names": ("a.parquet", parquet, {}),
    "integers": (
        "a.jsonl",
        lambda path: lines(path, [{"text": text, "label": CLASSES.index(name)} for name, text in GIVEN]),
        {"class_names": "arrival,top_up"},
    ),
    "names beside integers": (
        "a.jsonl",
        lambda path: lines(path, [{"text": t, "label": 9, "label_text": n} for n, t in GIVEN]),
        {},
    ),
    "other columns": ("a.jsonl", lambda path: lines(path, rows(id=7, source="web")), {}),
    "fasttext behind the text": (
        "a.txt",
        lambda path: path.write_text("\n".join(f"{t} __label__{n}" for n, t in GIVEN)),
        {},
    ),
    "tabs without a suffix": (
        "SMSSpamCollection",
        lambda path: alternating(path, lambda i, text: f"{CLASSES[i]}\t{text}, yes, soon, I hope\n"),
        {},
    ),
    "columns without names": ("a.csv", lambda path: csv(path, header="v2,v1,,\n"), {}),
    "a list as text": (
        "a.csv",
        lambda path: alternating(path, lambda i, text: ("" if i else "text,label\n") + f"{text},['{CLASSES[i]}']\n"),
        {},
    ),
    "spacy": (
        "a.json",
        lambda path: path.write_text(
            json.dumps([[t, {"cats": {c: float(c == n) for c in CLASSES[:2]}}] for n, t in GIVEN])
        ),
        {},
    ),
    "rows deep inside": (
        "a.json",
        lambda path: path.write_text(json.dumps({"version": 1, "data": {"train": rows()}})),
        {},
    ),
    "class before the text": ("a.json", lambda path: path.write_text(json.dumps([*GIVEN])), {}),
    "pandas split": (
        "a.json",
        lambda path: path.write_text(json.dumps({"columns": ["label", "text"], "index": [*range(6)], "data": GIVEN})),
        {},
    ),
    "pandas index": ("a.json", lambda path: path.write_text(json.dumps(dict(zip("012345", rows(), strict=True)))), {}),
    "semicolon in txt": (
        "train.txt",
        lambda path: alternating(path, lambda i, text: f"{text};{CLASSES[i]}\n"),
        {},
    ),
    "bars in txt": ("train.txt", lambda path: alternating(path, lambda i, text: f"{CLASSES[i]} ||| {text}\n"), {}),
    "bar in txt": ("train.txt", lambda path: alternating(path, lambda i, text: f"{CLASSES[i]}|{text}\n"), {}),
    "comma in txt": ("train.txt", lambda path: alternating(path, lambda i, text: f"{CLASSES[i]},{text}\n"), {}),
    "names in txt": ("train.txt", csv, {}),
    "rasa": (
        "nlu.md",
        lambda path: path.write_text(
            "".join(f"## intent:{n}\n- {t.replace('top', '[top](verb)')}\n\n" for n, t in GIVEN)
            + "## synonym:x\n- y\n"
        ),
        {},
    ),
    "names in lists": ("a.json", lambda path: path.write_text(json.dumps([["label", "text"], *GIVEN])), {}),
    "table of markdown": (
        "a.md",
        lambda path: path.write_text("| text | label |\n|---|---|\n" + "".join(f"| {t} | {n} |\n" for n, t in GIVEN)),
        {},
    ),
    "excel": ("a.csv", lambda path: csv(path, header="sep=,\ntext,label\n"), {}),
    "commas at the end": (
        "a.csv",
        lambda path: alternating(path, lambda i, text: ("" if i else "text,label\n") + f"{text},{CLASSES[i]},\n"),
        {},
    ),
    "gold label": ("a.jsonl", lambda path: lines(path, rows(label="gold_label", genre="fiction")), {}),
    "fasttext": ("a.txt", lambda path: path.write_text("\n".join(f"__label__{n} {t}" for n, t in GIVEN)), {}),
    "lists of words": ("a.jsonl", lambda path: lines(path, [{"text": t.split(), "label": n} for n, t in GIVEN]), {}),
    "doccano": ("a.jsonl", lambda path: lines(path, [{"text": t, "label": [n]} for n, t in GIVEN]), {}),
    "prodigy": (
        "a.jsonl",
        lambda path: lines(path, [{"text": t, "label": n, "answer": "accept"} for n, t in GIVEN]),
        {},
    ),
    "label studio": ("a.json", label_studio, {}),
}


@pytest.mark.parametrize("kind", READ)
def test_a_file_is_read_with_its_classes(tmp_path: Path, kind: str) -> None:
    name, write, flags = READ[kind]
    write(tmp_path / name)
    found = read(tmp_path / name, **flags)
    assert [(label, text.removesuffix(", yes, soon, I hope")) for label, text in found] == GIVEN


def test_each_pattern_of_a_chatbot_is_a_text(tmp_path: Path) -> None:
    assert sorted(read(chatbot(tmp_path / "intents.json"))) == sorted(GIVEN)


def test_what_people_disagreed_on_has_no_class(tmp_path: Path) -> None:
    made = [{"text": text, "gold_label": name} for name, text in [*GIVEN, ("-", "Is it mine?")]]
    assert load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE).unlabeled["text"][:] == ["Is it mine?"]


def test_a_text_whose_annotations_disagree_has_no_class(tmp_path: Path) -> None:
    made = [task(text, {"choices": [name]}, {"choices": [name]}) for name, text in GIVEN]
    made.append(task("Is it mine?", {"choices": ["arrival"]}, {"choices": ["top_up"]}))
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE)
    assert (len(data.train), data.unlabeled["text"][:]) == (6, ["Is it mine?"])
    assert data.summaries[0].passed_over == {"classes of rows with annotations that disagree": 1}


def test_the_stars_of_an_annotation_are_a_class(tmp_path: Path) -> None:
    made = [task(text, {"rating": 1 + number % 2}) for number, text in enumerate(TEXTS)]
    assert load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE).class_names == ["1", "2"]


def test_rows_with_spans_are_no_texts_of_one_class(tmp_path: Path) -> None:
    span = {"start": 0, "end": 2, "label": "X"}
    status = [
        {"text": text, "annotation": [span], "status": "Default" if number % 2 else "Validated"}
        for number, text in enumerate(TEXTS)
    ]
    assert not holds_classed_texts(lines(tmp_path / "argilla.jsonl", status))
    studio = [task(text, {"start": 0, "end": 2, "labels": ["X"]}) for text in TEXTS]
    assert not holds_classed_texts(lines(tmp_path / "studio.jsonl", studio))
    for name, one in (("label", [0, 4, "PER"]), ("labels", ["PER", 0, 4]), ("label", {"start_offset": 0, "x": 1})):
        spans = [{"text": f"{text} and more", name: [one] if number % 2 else []} for number, text in enumerate(TEXTS)]
        assert not holds_classed_texts(lines(tmp_path / "doccano.jsonl", spans))
    short = [{"tokens": "Anna saw Oslo", "tags": "B-PER O B-LOC"}, {"tokens": "Tor slept", "tags": ""}]
    assert not holds_classed_texts(lines(tmp_path / "short.jsonl", short))
    assert holds_classed_texts(lines(tmp_path / "texts.jsonl", rows()))


@pytest.mark.parametrize("column", ["label", "labels"])
@pytest.mark.parametrize("span", [[0, 4, "PER"], {"start": 0, "end": 4, "label": "PER"}])
def test_a_span_in_the_place_of_a_class_is_refused(tmp_path: Path, column: str, span: object) -> None:
    made = [{"text": text, column: [span] if number else []} for number, text in enumerate(TEXTS)]
    words = r"row 2: the label holds .*PER.*one class for each text; .*`hf-selftuning train ner` learns from spans"
    with pytest.raises(ValueError, match=words):
        load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE)
    several = [{**made[0], column: [span, span]}, *made]
    with pytest.raises(ValueError, match=r"row 1: the label holds .*a list or a span"):
        load_texts(train_file=lines(tmp_path / "a.jsonl", several), **WHOLE)


def test_line_breaks_in_quotes_are_part_of_a_cell_between_tabs(tmp_path: Path) -> None:
    rows = ['text\tlabel\n"One\n""two""\n"\tx', '" Three\ty', '"Four\nfive"\tx', 'six "\ty']
    (tmp_path / "a.tsv").write_text("\n".join(rows))
    texts = [("x", 'One\n"two"'), ("y", '" Three'), ("x", "Four\nfive"), ("y", 'six "')]
    assert read(tmp_path / "a.tsv") == texts


def test_a_document_in_a_cell_may_be_long(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv")
    path.write_text(path.read_text() + f'"{"word " * 30_000}",top_up\n')
    assert max(len(text) for _, text in read(path)) == 149_999


def test_a_folder_of_text_files_has_a_class_a_sub_folder(tmp_path: Path) -> None:
    assert sorted(read(folder(tmp_path / "mine"))) == sorted(GIVEN)


def test_a_folder_of_an_archive_is_read_and_files_beside_its_classes_are_counted(tmp_path: Path) -> None:
    (folder(tmp_path / "unpacked" / "mails") / "README").write_text("About")
    assert sorted(read(tmp_path / "unpacked")) == sorted(GIVEN)
    data = load_texts(train_file=tmp_path / "unpacked", **WHOLE)
    assert data.summaries[0].passed_over == {"files beside the folders of classes": 1}


def test_packed_files_in_a_folder_are_texts_and_packed_tables_are_none(tmp_path: Path) -> None:
    (tmp_path / "1.txt.gz").write_bytes(gzip.compress(b"A packed text"))
    packed(tmp_path / "more.csv.gz")
    data = load_texts(train_file=csv(tmp_path.parent / "b.csv"), unlabeled_file=tmp_path)
    assert data.unlabeled["text"][:] == ["A packed text"]
    assert data.summaries[-1].passed_over == {"files .csv": 1, "files .plain": 1}


def test_text_files_side_by_side_are_refused(tmp_path: Path) -> None:
    for name in CLASSES[:2]:
        (tmp_path / f"{name}.txt").write_text("One text\nAnother text\n")
    with pytest.raises(ValueError, match=r"holds text files \(arrival.txt, top_up.txt\), and no two folders of them"):
        load_texts(train_file=tmp_path)


def test_lines_without_a_class_keep_their_commas(tmp_path: Path) -> None:
    greetings = [f"{word}, I want {number}" for word in ("Hello", "Hi") for number in range(3)]
    (tmp_path / "more.txt").write_text("\n".join(greetings))
    assert read_unlabeled_texts(tmp_path / "more.txt")["text"] == greetings


def test_folders_of_parts_are_parts_and_unsup_has_no_classes(tmp_path: Path) -> None:
    folder(tmp_path / "imdb" / "train")
    folder(tmp_path / "imdb" / "test")
    (tmp_path / "imdb" / "train" / "unsup").mkdir()
    (tmp_path / "imdb" / "train" / "unsup" / "0_0.txt").write_text("Something else")
    data = load_texts(train_file=tmp_path / "imdb")
    assert (len(data.train), len(data.test), data.unlabeled["text"][:]) == (6, 6, ["Something else"])
    assert any("6 texts are in the training part, too" in doubt for doubt in data.summaries[1].doubts)


def test_of_a_folder_of_parts_that_is_given_to_be_scored_its_own_part_is(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for name in ("good", "bad"):
            (tmp_path / "both" / part / name).mkdir(parents=True)
            for number in range(3):
                (tmp_path / "both" / part / name / f"{number}.txt").write_text(f"{part} {name} {number}")
    labeled = [f"text {number} {name},{name}" for number in range(5) for name in ("good", "bad")]
    (tmp_path / "train.csv").write_text("\n".join(["text,label", *labeled]))
    data = load_texts(train_file=tmp_path / "train.csv", test_file=tmp_path / "both")
    assert {text.split()[0] for text in data.test["text"]} == {"test"}
    with pytest.raises(ValueError, match="holds the parts train and test, and was given as --validation_file; give"):
        load_texts(train_file=tmp_path / "train.csv", validation_file=tmp_path / "both")


def test_folders_of_parts_have_any_usual_name_and_a_class_may_end_in_one(tmp_path: Path) -> None:
    for part in ("train_data", "test_data"):
        folder(tmp_path / "glued" / part)
    data = load_texts(train_file=tmp_path / "glued")
    assert (data.class_names, len(data.train), len(data.test)) == (["arrival", "top_up"], 6, 6)
    for name in ("blood_test", "development", "extra"):
        (tmp_path / "classes" / name).mkdir(parents=True)
        (tmp_path / "classes" / name / "1.txt").write_text(f"A text of {name}")
    data = load_texts(train_file=tmp_path / "classes", **WHOLE)
    assert data.class_names == ["blood_test", "development", "extra"]
    (tmp_path / "classes" / "test").mkdir()
    (tmp_path / "classes" / "test" / "1.txt").write_text("A text of a test")
    with pytest.raises(
        ValueError, match=r"test stands for the test part and holds no folders.*rename it if it is a c"
    ):
        load_texts(train_file=tmp_path / "classes")


def test_a_folder_named_like_a_table_is_a_folder_of_tables(tmp_path: Path) -> None:
    (tmp_path / "train.csv").mkdir()
    csv(tmp_path / "train.csv" / "part-0000.csv")
    (tmp_path / "_SUCCESS").write_text("")
    assert [row["text"] for row in load_texts(dataset_name=str(tmp_path), **WHOLE).train] == TEXTS


def test_what_lies_beside_folders_of_parts_is_told_and_no_part_is_there_twice(tmp_path: Path) -> None:
    for part in ("train", "dev"):
        folder(tmp_path / "mails" / part)
    (tmp_path / "mails" / "README").write_text("About")
    (tmp_path / "mails" / "old").mkdir()
    (tmp_path / "mails" / "old" / "1.txt").write_text("An old text")
    read = load_texts(train_file=tmp_path / "mails").summaries[0]
    assert "the folder old stands for no part: 1 file not read" in read.doubts
    assert read.passed_over == {"files beside the folders of the parts": 1}
    folder(tmp_path / "mails" / "val")
    with pytest.raises(
        ValueError, match=r"The folders dev and val in .* could both be the validation part; join them"
    ):
        load_texts(train_file=tmp_path / "mails")


def test_a_folder_that_save_to_disk_wrote_keeps_its_names(tmp_path: Path) -> None:
    part = datasets.Dataset.from_parquet(str(parquet(tmp_path / "a.parquet")))
    datasets.DatasetDict({"train": part, "validation": part}).save_to_disk(tmp_path / "saved")
    data = load_texts(dataset_name=str(tmp_path / "saved"))
    assert data.class_names == ["arrival", "top_up"]
    assert (data.validation, len(data.test)) == (None, 6)  # without a test part, the validation part is scored at last


def test_a_folder_of_tables_is_read_and_what_belongs_to_no_part_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "competition"
    root.mkdir()
    csv(root / "train.csv")
    (root / "test.csv").write_text("text\nIs it mine\n")
    (root / "sample_submission.csv").write_text("id,label\n1,arrival\n")
    assert is_texts(str(root))
    data = load_texts(dataset_name=str(root), **WHOLE)
    assert [row["text"] for row in data.train] == TEXTS
    assert "1 data file of no part not read: sample_submission.csv." in caplog.text
    (root / "test.csv").write_text("id,text\n1,Is it mine\n")
    assert [row["text"] for row in load_texts(dataset_name=str(root), **WHOLE).train] == TEXTS
    with pytest.raises(ValueError, match=r"its files have different columns; give each part .* --train_file"):
        load_parts(str(root))


def test_parts_of_other_names_are_told_and_those_that_cannot_be_loaded_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    part = datasets.Dataset.from_parquet(str(parquet(tmp_path / "a.parquet")))
    datasets.DatasetDict({"train": part, "oos": part}).save_to_disk(tmp_path / "saved")
    load_texts(dataset_name=str(tmp_path / "saved"), **WHOLE)
    assert "saved: not read, as they are no train, validation or test part: oos." in caplog.text
    datasets.DatasetDict({"train": part, "test": part.select([])}).save_to_disk(tmp_path / "empty")
    with pytest.raises(ValueError, match=r"the part 'test' has no rows.*save it without that part"):
        load_texts(dataset_name=str(tmp_path / "empty"))


def test_a_saved_dataset_with_a_broken_description_is_refused(tmp_path: Path) -> None:
    part = datasets.Dataset.from_parquet(str(parquet(tmp_path / "a.parquet")))
    datasets.DatasetDict({"train": part}).save_to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "train" / "state.json").write_text("text,label\n")
    with pytest.raises(
        ValueError, match=r"saved' could not be loaded \(JSONDecodeError.*check its name and its files"
    ):
        load_texts(dataset_name=str(tmp_path / "saved"))


def test_a_line_that_shows_nothing_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("Here\n\u00a0\nThere\n", encoding="utf-8")
    assert read_unlabeled_texts(tmp_path / "more.txt")["text"][:] == ["Here", "There"]


@pytest.mark.parametrize("content", [b"\xff\xfe", "\u00a0\n".encode()])
def test_a_file_without_a_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.txt holds no text, only blanks or rows without text; fill it"):
        read_unlabeled_texts(tmp_path / "a.txt")


def test_a_folder_of_documents_that_need_a_program_is_refused(tmp_path: Path) -> None:
    for name in CLASSES[:2]:
        (tmp_path / "letters" / name).mkdir(parents=True)
        (tmp_path / "letters" / name / "1.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(ValueError, match=r"holds folders of .pdf files \(arrival, top_up\)"):
        load_texts(dataset_name=str(tmp_path / "letters"))


def test_a_json_file_may_hold_the_columns_of_all_parts(tmp_path: Path) -> None:
    columns = {"text": TEXTS, "label": CLASSES}
    (tmp_path / "all.json").write_text(json.dumps({"train": columns, "test": {"text": ["Hi"], "label": ["arrival"]}}))
    data = load_texts(train_file=tmp_path / "all.json")
    assert (len(data.train), len(data.test or ())) == (6, 1)


def test_a_json_file_may_hold_all_parts(tmp_path: Path) -> None:
    pairs = [[text, name] for name, text in GIVEN]
    given = {"train": pairs, "oos_train": [["Tell me a joke", "oos"]], "test": pairs, "oos_test": [["Hum", "oos"]]}
    (tmp_path / "full.json").write_text(json.dumps(given))
    data = load_texts(train_file=tmp_path / "full.json", open_set_class=["oos"])
    assert data.class_names == ["arrival", "top_up"]
    assert (len(data.train), len(data.test), data.unlabeled["text"][:]) == (6, 6, ["Tell me a joke"])
    with pytest.raises(ValueError, match=r"no text has that class.*Did you mean"):
        load_texts(train_file=tmp_path / "full.json", open_set_class=["ooss"])


def test_rows_without_a_class_are_unlabelled_and_those_without_a_text_are_counted(tmp_path: Path) -> None:
    extra = [
        {"text": "Not labelled yet", "label": None},
        {"text": " ", "label": "top_up"},
        {"text": "Two", "label": ""},
    ]
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", [*rows(), *extra]))
    assert data.unlabeled["text"][:] == ["Not labelled yet", "Two"]
    assert data.summaries[0].line == (
        "a.jsonl: 6 texts, 2 classes (arrival 3, top_up 3), 2 more texts without a class; texts 'text', classes "
        "'label'; passed over: rows without text 1"
    )
    assert data.test is None  # beside unlabelled texts all labels train


@pytest.mark.parametrize("name", ["more.txt", "more.csv", "more.jsonl", "more"])
def test_unlabelled_texts_come_from_a_file_or_a_folder(tmp_path: Path, name: str) -> None:
    path, texts = tmp_path / name, ["A new one", "Another one, with a comma"]
    if name == "more":
        path.mkdir()
        for number, text in enumerate(texts):
            (path / f"{number}.txt").write_text(text)
    else:
        quoted = "text\n" + "\n".join(f'"{text}"' for text in texts)
        made = {"more.txt": "\n\n".join(texts), "more.csv": quoted}
        path.write_text(made.get(name) or "\n".join(json.dumps({"text": text}) for text in texts))
    assert load_texts(train_file=csv(tmp_path / "a.csv"), unlabeled_file=path).unlabeled["text"][:] == texts
    assert read_unlabeled_texts(path)["text"][:] == texts


def test_unlabelled_copies_of_labelled_and_scored_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    test = lines(tmp_path / "test.jsonl", [{"text": "Only scored", "label": "top_up"}])
    (tmp_path / "more.txt").write_text("\n".join([TEXTS[0], "Only  scored", "Fresh"]))
    data = load_texts(train_file=csv(tmp_path / "a.csv"), test_file=test, unlabeled_file=tmp_path / "more.txt")
    assert data.unlabeled["text"][:] == ["Fresh"]
    doubts = data.summaries[-1].doubts
    assert doubts == ("unlabelled copies of other texts left out: 1 of the train part, 1 of the test part",)


def test_two_columns_are_pairs(tmp_path: Path) -> None:
    made = [{"premise": text, "hypothesis": "It is late", "label": name} for name, text in GIVEN]
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE)
    assert data.train[0] == {"text": TEXTS[0], "text_pair": "It is late", "label": 0}
    own = [{"q": text, "a": "Soon", "label": name} for name, text in GIVEN]
    data = load_texts(train_file=lines(tmp_path / "b.jsonl", own), text_column_name=["q", "a"], **WHOLE)
    assert data.train[1]["text_pair"] == "Soon"


def test_other_wordings_are_kept_beside_their_texts(tmp_path: Path) -> None:
    more = lines(tmp_path / "more.jsonl", [{"text": "New", "back": "Fresh", "para": ["Novel", ""]}, {"text": "Old"}])
    given = {"unlabeled_file": more, "augmented_columns": ["back", "para"]}
    data = load_texts(train_file=csv(tmp_path / "a.csv"), **given)
    assert data.unlabeled["augmented"][:] == [["Fresh", "Novel"], []]
    assert data.train["augmented"][:] == [[]] * 6
    with pytest.raises(ValueError, match="has no such column with text in it"):
        load_texts(train_file=csv(tmp_path / "a.csv"), augmented_columns=["back"])


def test_a_test_part_is_split_off_by_content_and_shares_no_text_with_training(tmp_path: Path) -> None:
    twice = [*rows(), *rows()]
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", twice))
    again = load_texts(train_file=lines(tmp_path / "b.jsonl", twice[::-1]))
    assert not set(data.train["text"]) & set(data.test["text"])
    assert sorted(data.test["text"]) == sorted(again.test["text"])
    assert sorted(data.split_contents) == sorted(again.split_contents)


DOUBTS = [
    ([{"text": TEXTS[0], "label": "top_up"}], "1 text is there under two classes"),
    ([{"text": "x", "label": "Top_Up"}, {"text": "z", "label": "Top_Up"}], "differ only in case or blanks"),
    (
        [{"text": "x", "label": "top_up\u200b"}],
        r"'top_up\u200b' differ only in case or blanks, or in signs that are not",
    ),
    ([{"text": "x", "label": "\uff54op_up"}], r"'\uff54op_up' differ only in"),
    ([{"text": "lost \ufffd", "label": "top_up"}], "the sign of a character lost in decoding"),
    ([{"text": "Where is my cafÃ©", "label": "top_up"}], "1 text holds signs such as 'Ã©', as if UTF-8 was read as"),
    ([{"text": "minus", "label": "-1"}], "1 label is -1, which is read as no class"),
    ([{"text": "NaN", "label": "top_up"}], "1 text is nan, null or none, as if an empty cell"),
    ([{"text": "nothing", "label": "none"}], "1 text has the class none"),
    ([{"text": "#NAME?", "label": "top_up"}], "1 text is an error of a spreadsheet such as #NAME?, as where a text"),
    ([{"text": "one alone", "label": "rare"}], "1 class has one text only (rare)"),
    ([{"text": f"more {i}", "label": "top_up"} for i in range(70)], "the classes are uneven"),
]


@pytest.mark.parametrize(("more", "said"), DOUBTS)
def test_what_looks_odd_is_said(tmp_path: Path, more: list[Any], said: str) -> None:
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", [*rows(), *more]), **WHOLE)
    assert any(said in doubt for doubt in data.summaries[0].doubts), data.summaries[0].doubts


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("classes.txt", "0 cat\n1 big dog\n"),
        ("label_map.json", '{"cat": 0, "big dog": 1}'),
        ("labels.txt", "cat\nbig dog"),
    ],
)
def test_a_file_with_the_names_of_numbers_is_told_and_read_if_it_is_given(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    train = lines(tmp_path / "a.jsonl", [{"text": text, "label": number % 2} for number, text in enumerate(TEXTS)])
    told = " ".join(load_texts(train_file=train, **WHOLE).summaries[0].doubts)
    assert f"{name} beside the data may hold their names, but it was not read; --class_names {tmp_path / name}" in told
    assert load_texts(train_file=train, class_names=str(tmp_path / name), **WHOLE).class_names == ["cat", "big dog"]


def argilla(text: str, *answers: str, status: str = "completed") -> dict[str, Any]:
    given = [{"value": answer, "user_id": str(user)} for user, answer in enumerate(answers)]
    suggestions = {"intent": {"value": "top_up", "score": 0.9}}
    return {"fields": {"text": text}, "suggestions": suggestions, "responses": {"intent": given}, "status": status}


def test_answers_of_argilla_are_classes_if_they_agree_and_suggestions_are_none(tmp_path: Path) -> None:
    given = [*(argilla(text, name) for name, text in GIVEN), argilla("Well", "arrival", "top_up"), argilla("Hm")]
    given += [argilla("Gone", "arrival", status="discarded")]
    (tmp_path / "a.json").write_text(json.dumps(given))
    data = load_texts(train_file=tmp_path / "a.json", **WHOLE)
    assert data.unlabeled["text"][:] == ["Well", "Hm", "Gone"]
    told = "classes of rows with responses that disagree 1, classes of rows with the status discarded 1"
    assert told in data.summaries[0].line
    flat = [{"text": text, "intent.responses": [name], "intent.responses.users": ["1"]} for name, text in GIVEN]
    assert read(lines(tmp_path / "flat.jsonl", flat)) == GIVEN


@pytest.mark.parametrize("sign", ["^", "~", "\x01"])
def test_rare_signs_divide_where_they_divide_all_lines(tmp_path: Path, sign: str) -> None:
    assert read(csv(tmp_path / "a.csv", between=sign)) == GIVEN
    assert read(csv(tmp_path / "a.txt", header="", between=sign)) == GIVEN
    quoted = [f'"{text} {sign}_{sign}, {sign}",{name}' for name, text in GIVEN]
    (tmp_path / "faces.csv").write_text("text,label\n" + "\n".join(quoted))
    assert read(tmp_path / "faces.csv") == [(name, f"{text} {sign}_{sign}, {sign}") for name, text in GIVEN]


def test_utterances_beside_lists_of_their_intents_are_read(tmp_path: Path) -> None:
    utterances = [{"text": text, "intent": name, "entities": []} for name, text in GIVEN]
    names = [{"name": name} for name in CLASSES[:2]]
    given = {"luis_schema_version": "7", "intents": names, "entities": names, "utterances": utterances}
    (tmp_path / "a.json").write_text(json.dumps(given))
    assert read(tmp_path / "a.json") == GIVEN


@pytest.mark.parametrize("suffix", ["md", "log", "eml"])
def test_marked_texts_are_read_as_they_stand_and_said_so(tmp_path: Path, suffix: str) -> None:
    root = folder(tmp_path / "all")
    for path in [*root.rglob("*.txt")]:
        path.rename(path.with_suffix(f".{suffix}"))
    data = load_texts(train_file=root, **WHOLE)
    assert sorted((data.class_names[row["label"]], row["text"]) for row in data.train) == sorted(GIVEN)
    assert f"files such as 0.{suffix} are read as they stand, with their marks" in data.summaries[0].doubts[0]
    (root / "top_up" / "more.txt").write_text("One of text")
    (root / "arrival" / "more.txt").write_text("Another one")
    assert f"passed over: files .{suffix} 6" in load_texts(train_file=root, **WHOLE).summaries[0].line


@pytest.mark.parametrize("suffix", ["html", "json", "docx", "wav"])
def test_folders_of_classes_of_other_kinds_are_refused(tmp_path: Path, suffix: str) -> None:
    root = folder(tmp_path / "all")
    for path in [*root.rglob("*.txt")]:
        path.rename(path.with_suffix(f".{suffix}"))
    with pytest.raises(
        ValueError, match=rf"holds folders of \.{suffix} files \(arrival, top_up\).*save the text of each"
    ):
        load_texts(train_file=root)


def test_words_tags_and_classes_in_files_of_their_own_are_refused_with_the_way_to_join_them(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "seq.in").write_text("\n".join(TEXTS) + "\n")
        (tmp_path / part / "seq.out").write_text("".join("O " * len(text.split()) + "\n" for text in TEXTS))
        (tmp_path / part / "label").write_text("\n".join(CLASSES) + "\n")
    wanted = r"seq.in and seq.out; join their lines by `paste seq.in seq.out > train.tsv`"
    for given in (tmp_path, tmp_path / "train", tmp_path / "train" / "seq.in", tmp_path / "train" / "label"):
        with pytest.raises(ValueError, match=wanted):
            load_texts(train_file=given)
    assert read_unlabeled_texts(tmp_path / "train" / "seq.in")["text"][:] == TEXTS
    pasted = tmp_path / "train.tsv"
    pasted.write_text("".join(f"{text}\t{name}\n" for name, text in GIVEN))
    assert read(pasted) == GIVEN


def test_a_table_of_files_and_tables_of_one_class_each_are_refused(tmp_path: Path) -> None:
    listed, root = tmp_path / "listed", tmp_path / "tables"
    (listed / "texts").mkdir(parents=True)
    root.mkdir()
    for number, text in enumerate(TEXTS):
        (listed / "texts" / f"{number}.txt").write_text(text)
        (root / f"{CLASSES[number]}.csv").write_text(f"text\n{text}\n")
    named = "file,label\n" + "".join(f"texts/{number}.txt,{name}\n" for number, name in enumerate(CLASSES))
    (listed / "labels.csv").write_text(named)
    with pytest.raises(
        ValueError, match=r"holds texts in files of their own .*, and labels.csv names them; write the"
    ):
        load_texts(dataset_name=str(listed))
    with pytest.raises(ValueError, match=r"The column 'file' names files \(texts/0.txt\), which are not opened"):
        load_texts(train_file=listed / "labels.csv")
    with pytest.raises(ValueError, match=r"tables of one column \(arrival.csv, top_up.csv\), as if each were a class"):
        load_texts(dataset_name=str(root))


def test_classes_that_lines_begin_with_are_told(tmp_path: Path) -> None:
    for name in ("0", "DESC:manner"):
        starts = [name, name.replace("0", "1").replace("DESC", "HUM")] * 3
        path = tmp_path / "a.txt"
        path.write_text("".join(f"{start} {text}\n" for start, text in zip(starts, TEXTS, strict=True)))
        with pytest.raises(
            ValueError, match=f"They begin with {starts[0]}, {starts[1]}, as if these were classes; put a"
        ):
            load_texts(train_file=path)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet", "txt"])
def test_integers_that_became_decimals_are_integers_everywhere(tmp_path: Path, suffix: str) -> None:
    numbers = [0.0, 1.0, 2.0] * 2
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        rows_of_it = {"text": [*TEXTS, "Not yet"], "label": [*numbers, None]}
        datasets.Dataset.from_dict(rows_of_it).to_parquet(str(path))
    elif suffix == "jsonl":
        lines(path, [{"text": text, "label": label} for text, label in zip(TEXTS, numbers, strict=True)])
    elif suffix == "csv":
        written = ("0.0", "1.", "2.000e+00") * 2
        path.write_text("text,label\n" + "".join(f"{t},{n}\n" for t, n in zip(TEXTS, written, strict=True)))
    else:
        path.write_text("".join(f"__label__{n} {t}\n" for t, n in zip(TEXTS, numbers, strict=True)))
    assert load_texts(train_file=path, **WHOLE).class_names == ["0", "1", "2"]
    assert load_texts(train_file=path, class_names="a,b,c", **WHOLE).class_names == ["a", "b", "c"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_numbers_with_fractions_that_come_again_are_classes_with_a_doubt(tmp_path: Path, suffix: str) -> None:
    given = [(text, (0.5, 1.0, 1.5)[number % 3]) for number, text in enumerate(TEXTS)]
    path = lines(tmp_path / "a.jsonl", [{"text": text, "label": label} for text, label in given])
    if suffix == "csv":
        path = tmp_path / "a.csv"
        path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in given))
    data = load_texts(train_file=path, **WHOLE)
    assert sorted(data.class_names) == ["0.5", "1", "1.5"]
    assert "classes are numbers with fractions (0.5, 1.5), as if they were values to predict" in (
        " ".join(data.summaries[0].doubts)
    )
    assert holds_classed_texts(path)


REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "no classes": (
        "a.csv",
        "text\nOne text\nAnother text\n",
        {},
        "no column of classes among.*--unlabeled_file",
    ),
    "no texts": ("a.csv", "price,label\n3,a\n4,b\n", {}, "there is no column of texts among"),
    "two texts": ("a.csv", "title,body,label\nA b,C d,x\nE f,G h,y\n", {}, "could all be the texts; name one.*two"),
    "two labels": ("a.csv", "text,intent,topic\nA b,x,y\nC d,z,w\n", {}, "could all be the classes; name one by"),
    "one class": ("a.csv", "text,label\nA b,x\nC d,x\n", {}, "has the class 'x' alone"),
    "wrong name": ("a.csv", "text,label\nA b,x\n", {"label_column_name": "klass"}, "there is no column 'klass' among"),
    "several labels": ("a.jsonl", '{"text": "A b", "label": ["x", "y"]}', {}, "row 1: the text has 2 labels"),
    "joined labels": ("a.csv", 'text,label\nA,x\nB,y\nC,"x,y"\n', {}, "consists of several ones.*class for each text"),
    "fractions": ("a.csv", "text,label\nA,0.1\nB,0.2\nC,0.35\n", {}, "are numbers with fractions"),
    "no annotations": ("a.jsonl", '{"data": {}, "annotations": 1}', {}, "row 1: the annotations are '1', and"),
    "no result": ("a.jsonl", json.dumps({"data": {}, "annotations": [{"result": 7}]}), {}, "row 1: the result is '7'"),
    "a column for each class": (
        "a.csv",
        "text,rude,long\nA b,1,0\nC d,0,1\nE f,0,0\nG h,1,1\n",
        {},
        "hold 0 and 1, as",
    ),
    "-1 as a class": (
        "a.csv",
        "text,label\nA b,-1\nC d,1\n",
        {},
        "'1' alone.*1 label is -1, which is read as no class",
    ),
    "texts under classes": (
        "a.json",
        json.dumps({"a": TEXTS, "b": TEXTS[::-1]}),
        {},
        "If each is a class",
    ),
    "commas in numbers": ("a.csv", "text;label\nA;0,5\nB;1,0\nC;0,5\n", {}, r"\(0,5, 1,0\) are numbers with a comma"),
    "two labels in a line": ("a.txt", "__label__x __label__y A b\n", {}, "line 1: the text has 2 labels"),
    "pickle": ("a.pkl", "x", {}, "is a Python pickle"),
    "sql": ("a.sql", "INSERT", {}, "is a dump of a database; export its table as CSV"),
    "subtitles": ("a.srt", "1\n", {}, "is a file of subtitles"),
    "git lfs": ("a.csv", "version https://git-lfs.github.com/spec/v1\n", {}, "fetch them by `git lfs pull`"),
    "no name": ("a.csv", "text,label\nA,0\nB,2\n", {"class_names": "x,y"}, "row 2: the label 2 has no name among"),
    "a list of texts": ("a.txt", "One\nTwo\n", {}, "lines of text alone have no classes"),
    "empty": ("a.csv", "", {}, "is empty"),
    "too many cells": ("a.csv", "text,label\nHello, you,x\n", {}, r"a\.csv, line 2: 3 cells where the header has 2"),
    "a column of parts": (
        "a.csv",
        "text,label,split\nA b,x,train\nC d,y,test\n",
        {},
        r"the column 'split' divides the rows into parts \(train 1, test 1\), and a file of texts is one part",
    ),
    "a title": ("a.csv", "My survey,,\ntext,label,\nA b,x,\n", {}, "line 1: 'My survey' stands alone where the names"),
    "an array of labels": ("a.csv", "text,label\nA b,['x' 'y']\nC d,['x' 'z']\n", {}, "row 1: the text has 2 labels"),
    "choices": ("a.jsonl", '{"text": "A", "label": {"choices": ["x", "y"]}}', {}, "row 1: the text has 2 labels"),
    "an object as text": ("a.csv", 'text,label\nA b,"{""class"": ""x""}"\n', {}, "row 1: the label is an object"),
    "several labels as text": ("a.csv", "text,label\nA b,\"['x', 'y']\"\n", {}, "row 1: the text has 2 labels"),
    "two columns called labels": (
        "a.csv",
        "text,genre,my_label\nA b,x,y\nC d,z,w\nE f,x,y\nG h,z,w\n",
        {},
        "'genre', 'my_label'.*could all be the classes",
    ),
    "types below the header": ("a.csv", "text,label\nstring,category\nA b,x\n", {}, "line 2: the row.*second header"),
    "names below names": ("a.csv", "Q1,Q2\ntext,label\nA b,x\n", {}, "text, label is a second header below Q1, Q2"),
    "files one after the other": ("a.csv", "text,label\nA b,x\ntext,label\nC d,y\n", {}, "line 3: .*second header"),
    "yaml": ("a.yml", "nlu:\n- intent: x\n", {}, "is YAML; write its data as CSV"),
    "python": ("a.txt", "DATA = [('A b', 'x'),\n('C d', 'y')]\n", {}, "holds a list in the form of Python or JSON"),
    "zip": ("a.csv", "PK\x03\x04rest", {}, "is a zip archive or a spreadsheet"),
    "broken json": ("a.jsonl", '{"text": "A", "label": "x"}\n{"text": ', {}, "neither a JSON list nor JSON lines"),
    "half a character": ("a.jsonl", json.dumps({"text": "Oh \ud800", "label": "x"}), {}, "row 1.*half of a character"),
    "no file": ("b.csv", "", {"train_file": "nowhere.csv"}, "nowhere.csv does not exist"),
    "three columns": ("a.csv", "a,b,c,label\nA,B,C,x\n", {"text_column_name": ["a", "b", "c"]}, "names 3 columns"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, kind: str) -> None:
    name, content, flags, message = REFUSED[kind]
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        load_texts(**{"train_file": tmp_path / name, **WHOLE, **flags})


def test_a_class_that_training_lacks_is_refused_in_a_test_part(tmp_path: Path) -> None:
    test = lines(tmp_path / "test.jsonl", [{"text": "Bye", "label": "farewell"}])
    with pytest.raises(ValueError, match="has the classes farewell, and training knows arrival, top_up"):
        load_texts(train_file=csv(tmp_path / "a.csv"), test_file=test)


def test_texts_need_exactly_one_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"give exactly one, such as --train_file mine\.csv"):
        load_texts()


@pytest.mark.parametrize(
    "names",
    [("sentence1", "sentence2"), ("premise", "hypothesis"), ("question1", "question2")],
    ids=lambda names: names[0],
)
def test_the_usual_names_of_two_texts_are_pairs(tmp_path: Path, names: tuple[str, str]) -> None:
    made = [{names[0]: text, names[1]: "It is late", "label": name} for name, text in GIVEN]
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE)
    assert data.train[0] == {"text": TEXTS[0], "text_pair": "It is late", "label": 0}


@pytest.mark.parametrize("key", ["patterns", "utterances", "examples", "phrases"])
def test_each_text_of_a_list_is_one_by_itself(tmp_path: Path, key: str) -> None:
    intents = [{"intent": name, key: [text for label, text in GIVEN if label == name]} for name in CLASSES[:2]]
    (tmp_path / "a.json").write_text(json.dumps({"intents": intents}))
    assert sorted(read(tmp_path / "a.json")) == sorted(GIVEN)


def test_items_of_other_sections_of_markdown_are_counted(tmp_path: Path) -> None:
    READ["rasa"][1](tmp_path / "nlu.md")
    assert load_texts(train_file=tmp_path / "nlu.md", **WHOLE).summaries[0].passed_over == {"rows without text": 1}


def test_rejected_and_cancelled_rows_are_unlabelled_and_counted(tmp_path: Path) -> None:
    rejected = {"text": "Is it mine?", "label": "arrival", "answer": "reject"}
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", [*rows(answer="accept"), rejected]), **WHOLE)
    assert data.unlabeled["text"][:] == ["Is it mine?"]
    assert data.summaries[0].passed_over == {'classes of rows with answer "reject"': 1}
    made = [task(text, {"choices": [name]}) for name, text in GIVEN]
    made.append({"data": {"text": "Is it mine?"}, "annotations": [{"was_cancelled": True, "result": []}]})
    data = load_texts(train_file=lines(tmp_path / "b.jsonl", made), **WHOLE)
    assert data.unlabeled["text"][:] == ["Is it mine?"]


def test_texts_of_a_class_that_is_not_learned_are_counted_in_both_parts(tmp_path: Path) -> None:
    other = [{"text": "Tell me a joke", "label": "oos"}]
    train, test = (lines(tmp_path / f"{part}.jsonl", [*rows(), *other]) for part in ("train", "test"))
    data = load_texts(train_file=train, test_file=test, open_set_class=["oos"])
    assert (len(data.test), data.unlabeled["text"][:]) == (6, ["Tell me a joke"])
    said = [" ".join(summary.doubts) for summary in data.summaries]
    assert "1 text of oos are read as unlabelled" in said[0]
    assert "1 text of oos are not scored" in said[1]


def test_texts_that_are_longer_than_the_length_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = [{"text": "w7 " * size, "label": name} for size in (3, 30) for name in CLASSES[:2]]
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", made), **WHOLE)
    encoded = encode_texts(data.train, tiny.tokenizer(), max_length=10)
    assert sorted(map(len, encoded["input_ids"])) == [5, 5, 10, 10]
    assert "2 of 4 texts (50.0 %) are longer than" in caplog.text


ROWS: dict[str, list[str | Callable[..., None]]] = {
    "CSV with columns of texts": ["csv", "semicolons", "bars", "tsv", "too many cells"],
    "the same without a line of names": ["without a header"],
    "columns with names of their own": ["columns by number", "own names", "two texts", "two labels"],
    "two columns of texts": [test_the_usual_names_of_two_texts_are_pairs],
    "pairs under other names": [test_two_columns_are_pairs],
    "a file without a suffix": ["tabs without a suffix"],
    "a .txt file with": ["semicolon in txt", "bars in txt", "bar in txt", "comma in txt"],
    "Rasa's Markdown": ["rasa", test_items_of_other_sections_of_markdown_are_counted],
    "JSON list": ["json list", "json lines", "rows inside", "rows deep inside", "pandas split", "pandas index",
                  "pairs of values", "parquet with names"],
    "one JSON file": [test_a_json_file_may_hold_all_parts, test_a_json_file_may_hold_the_columns_of_all_parts],
    "a table with a column `split`": ["a column of parts"],
    "integer labels": ["integers", "names beside integers", "parquet with names",
                       test_a_file_with_the_names_of_numbers_is_told_and_read_if_it_is_given],
    "`__label__refund": ["fasttext", "fasttext behind the text", "two labels in a line"],
    "intents of a chatbot": [test_each_pattern_of_a_chatbot_is_a_text, test_each_text_of_a_list_is_one_by_itself],
    "an export of doccano": ["doccano", "label studio", "prodigy", "spacy",
                             test_a_text_whose_annotations_disagree_has_no_class,
                             test_rejected_and_cancelled_rows_are_unlabelled_and_counted],
    "a folder with a sub-folder": [test_a_folder_of_text_files_has_a_class_a_sub_folder,
                                   test_a_folder_of_an_archive_is_read_and_files_beside_its_classes_are_counted],
    "the same with .md": [test_marked_texts_are_read_as_they_stand_and_said_so],
    "the same with .html": [test_folders_of_classes_of_other_kinds_are_refused],
    "texts and classes in two files": [
        test_words_tags_and_classes_in_files_of_their_own_are_refused_with_the_way_to_join_them,
    ],
    "texts in files that a table names": [test_a_table_of_files_and_tables_of_one_class_each_are_refused],
    "a column of 0 and 1": ["a column for each class"],
    "`0 Where is my card`": [test_classes_that_lines_begin_with_are_told],
    "text files side by side": [test_text_files_side_by_side_are_refused],
    "folders `train` and `test`": [test_folders_of_parts_are_parts_and_unsup_has_no_classes],
    "a folder of data files": [test_a_folder_of_tables_is_read_and_what_belongs_to_no_part_is_told,
                               test_a_folder_that_save_to_disk_wrote_keeps_its_names],
    "some rows without a class": [test_rows_without_a_class_are_unlabelled_and_those_without_a_text_are_counted],
    "rows without a text": [test_rows_without_a_class_are_unlabelled_and_those_without_a_text_are_counted],
    "unlabelled texts": [test_unlabelled_texts_come_from_a_file_or_a_folder],
    "columns of paraphrases": [test_other_wordings_are_kept_beside_their_texts],
    "a class that the model should not learn": [test_texts_of_a_class_that_is_not_learned_are_counted_in_both_parts],
    "any of these as `.gz`": ["gzip", "utf-16", "byte order mark", "windows line ends"],
    "several classes for a text": ["several labels", "several labels as text"],
    "integers that became decimals": [test_integers_that_became_decimals_are_integers_everywhere],
    "numbers with fractions": ["fractions", test_numbers_with_fractions_that_come_again_are_classes_with_a_doubt],
    ".zip": ["zip", "pickle", "yaml", "sql", "subtitles", "python", "git lfs"],
    "texts longer than the model reads": [test_texts_that_are_longer_than_the_length_are_counted],
}  # fmt: skip
"""The tests of each row of the page: a kind of file that is read or refused, or a test above."""


def test_each_row_of_the_page_has_its_tests() -> None:
    assert unchecked_rows("your_texts.md", ROWS) == []
    kinds = {kind for checks in ROWS.values() for kind in checks if isinstance(kind, str)}
    assert kinds <= READ.keys() | REFUSED.keys()
    assert all(ROWS.values())
