"""Punctuation at the ends of words: apart in running text where it is apart in the training data."""

import json
from pathlib import Path

import pytest
import tiny

from hf_selftuning import load_words, read_unlabeled_words
from hf_selftuning.data.words.reading_record import ReadingRecord
from hf_selftuning.data.words.word_ends import marks_apart, without_marks

CUT = [
    ["Ada", "saw", "Oslo", ",", "the", "U.S.", "and", "Acme", "Inc.", "in", "May", "."],
    ["Did", "Ada", "'s", "train", ",", "at", "10.30", "a.m.", ",", "stop", "?"],
]
AT_BLANKS = [["Ada", "saw", "Oslo,", "and", "Rome."], ["Did", "it", "stop?", "Yes", "-", "it", "did."]]


def test_marks_are_apart_where_the_data_has_them_as_words():
    assert {".", ",", "?", "!", ")", '"', "'s", "’s"} <= {*marks_apart(CUT)}  # noqa: RUF001
    assert not {"$", "%"} & {*marks_apart(CUT)}
    assert "%" in marks_apart([*CUT, ["3.5", "%", "more", "."]])
    assert "'s" not in marks_apart([["Ada's", "train", "stops", "."]])
    assert marks_apart(AT_BLANKS) == ()
    assert marks_apart([["Ada", "saw", "Oslo"]]) == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("She lives in Oslo.", "She lives in Oslo ."),
        ("Is it far? No, it's near!", "Is it far ? No , it 's near !"),
        ("“Ada’s train,” he said.", "“ Ada ’s train , ” he said ."),  # noqa: RUF001
        ("He met J. Doe of Acme Inc. in the U.S. and left.", "He met J. Doe of Acme Inc. in the U.S. and left ."),
        (
            "Acme Corp.'s boss (of Acme Inc.) slept in the U.S.",
            "Acme Corp. 's boss ( of Acme Inc. ) slept in the U.S.",
        ),
        ("In 1996. She left Oslo. Then... what?!", "In 1996 . She left Oslo . Then ... what ? !"),
        ("At 10.30 see http://x.y/z: it costs 3.5% more.", "At 10.30 see http://x.y/z : it costs 3.5% more ."),
        ("Cut before , U.S. too .", "Cut before , U.S. too ."),
        ("A well-known 'fact'", "A well-known ' fact '"),
    ],
)
def test_marks_are_cut_off_and_abbreviations_stay(text: str, wanted: str):
    assert without_marks(text.split(), marks_apart(CUT)) == wanted.split()


def test_without_marks_text_stays_as_blanks_part_it():
    words = ["She", "lives", "in", "Oslo."]
    assert without_marks(words, ()) == words


def test_a_text_without_words_stays_without_words():
    assert without_marks([], marks_apart(CUT)) == []


@pytest.mark.parametrize("file", ["more.txt", "more.csv"])
def test_running_text_is_cut_as_the_training_data_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, file: str
):
    caplog.set_level("INFO", "hf_selftuning")
    columns = "".join("".join(f"{word} O\n" for word in words) + "\n" for words in CUT).replace("Oslo O", "Oslo B-LOC")
    (tmp_path / "train.txt").write_text(columns)
    more = tmp_path / file
    more.write_text("text\n" * file.endswith("csv") + "Mia saw Rome.\n\n  \nIt rained.\n")
    data = load_words(train_file=tmp_path / "train.txt", unlabeled_file=more)
    assert data.unlabeled["tokens"][:] == [["Mia", "saw", "Rome", "."], ["It", "rained", "."]]
    assert "cut from punctuation as in the training data" in caplog.text
    assert read_unlabeled_words(more, like=data)["tokens"][:] == data.unlabeled["tokens"][:]
    assert read_unlabeled_words(more)["tokens"][:] == [["Mia", "saw", "Rome."], ["It", "rained."]]


def test_a_model_keeps_how_its_text_is_cut_and_reads_records_without_it(tmp_path: Path):
    rows = [json.dumps({"tokens": words, "ner_tags": ["B-PER", *["O"] * (len(words) - 1)]}) for words in CUT]
    (tmp_path / "train.jsonl").write_text("\n".join(rows))
    data, config = load_words(train_file=tmp_path / "train.jsonl"), tiny.bert().config
    ReadingRecord(64, data.cutting).keep(config)
    config.save_pretrained(tmp_path)
    again = type(config).from_pretrained(tmp_path)
    assert ReadingRecord.of(again) == ReadingRecord(64, data.cutting)
    assert "." in ReadingRecord.of(again).cutting.apart
    again.words_read = {"max_length": 64, "at_punctuation": False, "by_characters": None}
    assert ReadingRecord.of(again).cutting.apart == ()
