"""Each row of the table in docs/your_texts.md: what a file looks like, and how it is read."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from hf_selftuning import load_texts, read_unlabeled_texts
from hf_selftuning.data.texts.text_data import split_contents

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


def label_studio(path: Path) -> Path:
    made = [
        {
            "data": {"text": text},
            "annotations": [{"result": [{"type": "choices", "value": {"choices": [name]}}]}],
        }
        for name, text in GIVEN
    ]
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


READ: dict[str, tuple[str, Write, dict[str, Any]]] = {
    "csv": ("a.csv", csv, {}),
    "semicolons": ("a.csv", lambda path: csv(path, between=";"), {}),
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
    assert read(tmp_path / name, **flags) == GIVEN


def test_a_folder_of_text_files_has_a_class_a_sub_folder(tmp_path: Path) -> None:
    assert sorted(read(folder(tmp_path / "mine"))) == sorted(GIVEN)


def test_folders_of_parts_are_parts_and_unsup_has_no_classes(tmp_path: Path) -> None:
    folder(tmp_path / "imdb" / "train")
    folder(tmp_path / "imdb" / "test")
    (tmp_path / "imdb" / "train" / "unsup").mkdir()
    (tmp_path / "imdb" / "train" / "unsup" / "0_0.txt").write_text("Something else")
    data = load_texts(train_file=tmp_path / "imdb")
    assert (len(data.train), len(data.test), data.unlabeled["text"][:]) == (6, 6, ["Something else"])
    assert any("6 texts are in the training part, too" in doubt for doubt in data.summaries[1].doubts)


def test_a_folder_that_save_to_disk_wrote_keeps_its_names(tmp_path: Path) -> None:
    part = datasets.Dataset.from_parquet(str(parquet(tmp_path / "a.parquet")))
    datasets.DatasetDict({"train": part, "validation": part}).save_to_disk(tmp_path / "saved")
    data = load_texts(dataset_name=str(tmp_path / "saved"))
    assert data.class_names == ["arrival", "top_up"]
    assert (data.validation, len(data.test)) == (None, 6)  # without a test part, the validation part is scored at last


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
    assert sorted(split_contents(data)) == sorted(split_contents(again))


DOUBTS = [
    ([{"text": TEXTS[0], "label": "top_up"}], "1 text is there under two classes"),
    ([{"text": "x", "label": "Top_Up"}, {"text": "z", "label": "Top_Up"}], "differ only in case or blanks"),
    ([{"text": "lost \ufffd", "label": "top_up"}], "the sign of a character lost in decoding"),
    ([{"text": "minus", "label": "-1"}], "1 label is -1, which is read as no class"),
    ([{"text": "nothing", "label": "none"}], "1 text has the class none"),
    ([{"text": "one alone", "label": "rare"}], "1 class has one text only (rare)"),
    ([{"text": f"more {i}", "label": "top_up"} for i in range(70)], "the classes are uneven"),
]


@pytest.mark.parametrize(("more", "said"), DOUBTS)
def test_what_looks_odd_is_said(tmp_path: Path, more: list[Any], said: str) -> None:
    data = load_texts(train_file=lines(tmp_path / "a.jsonl", [*rows(), *more]), **WHOLE)
    assert any(said in doubt for doubt in data.summaries[0].doubts), data.summaries[0].doubts


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
    "no name": ("a.csv", "text,label\nA,0\nB,2\n", {"class_names": "x,y"}, "row 2: the label 2 has no name among"),
    "a list of texts": ("a.txt", "One\nTwo\n", {}, "lines of text alone have no classes"),
    "empty": ("a.csv", "", {}, "is empty"),
    "too many cells": ("a.csv", "text,label\nHello, you,x\n", {}, "line 2: 3 cells where the header has 2"),
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
