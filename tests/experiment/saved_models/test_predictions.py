"""What a trained model says of files, without the command line."""

import math
import re
from pathlib import Path

import pytest
import tiny
from PIL import Image
from trained import save_classifier, save_tagger, save_text_classifier

from hf_selftuning import Tagger, read_unlabeled_texts
from hf_selftuning.data.texts.pairs_record import keep_pairs
from hf_selftuning.experiment.saved_models.predictions import Prediction, model_folder, predict


def test_the_words_of_one_file_are_tagged(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("w7 w8\n\nw9\n")
    found = list(predict(save_tagger(tmp_path / "run"), tmp_path / "a.txt", device="cpu"))
    assert [(item.label, item.text) for item in found] == [("PER", "w7"), ("PER", "w8"), ("PER", "w9")]
    assert [item.source for item in found] == [f"{tmp_path}/a.txt:{number}" for number in (1, 1, 2)]


def test_sentences_are_found_again_in_their_table_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n7,w7\n8,\n9,w9\n")
    (tmp_path / "a.txt").write_text("\n\nw7 w8\n\nw9\n")
    tagger = Tagger(save_tagger(tmp_path / "run") / "model", device="cpu")
    assert [(found.source[-5:], found.row) for found in tagger.answers(tmp_path / "a.csv")] == [
        ("csv:1", 1), ("csv:2", 3)
    ]  # fmt: skip
    assert [found.row for found in tagger.answers(tmp_path / "a.txt")] == [3, 5]
    assert [found.row for found in predict(tmp_path / "run", tmp_path / "a.csv", device="cpu")] == [1, 3]


def test_texts_are_found_again_in_their_table_by_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n7,my card\n8,\n9,a refund\n")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("my card")
    tiny.text_bert().save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    found = list(predict(tmp_path / "model", [tmp_path / "a.csv", tmp_path / "texts"], device="cpu"))
    assert [item.row for item in found] == [1, 3, None]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (False, "read as pairs of texts, and this model was trained on single texts; name the column by"),
        (True, "read as single texts, and this model was trained on pairs of texts; name the two columns by"),
    ],
)
def test_a_model_of_texts_refuses_pairs_and_the_reverse(tmp_path: Path, pairs: bool, message: str) -> None:
    (tmp_path / "pairs.csv").write_text("text_a,text_b\nmy card,a refund\n")
    (tmp_path / "single.csv").write_text("text\nmy card\n")
    model = tiny.text_bert()
    keep_pairs(model.config, pairs)
    model.save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    wrong, right = ("single", "pairs") if pairs else ("pairs", "single")
    with pytest.raises(ValueError, match=message):
        list(predict(tmp_path / "model", tmp_path / f"{wrong}.csv", device="cpu"))
    assert len(list(predict(tmp_path / "model", tmp_path / f"{right}.csv", device="cpu"))) == 1
    columns = ["text_a"] if not pairs else ["text_a", "text_b"]
    assert list(predict(tmp_path / "model", tmp_path / "pairs.csv", text_column_name=columns, device="cpu"))


def test_a_broken_text_in_a_folder_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_bytes(b"\x00\xff\xfe\x01")
    model = save_text_classifier(tmp_path / "model")
    assert [bool(item.error) for item in predict(model, tmp_path / "texts", device="cpu")] == [True]
    (tmp_path / "texts" / "b.txt").write_text("my card")
    found = list(predict(model, tmp_path / "texts", device="cpu"))
    assert [(item.source[-5:], bool(item.label)) for item in found] == [("b.txt", True), ("a.txt", False)]
    assert "a.txt" in str(found[-1].error)
    with pytest.raises(ValueError, match=r"a\.txt"):
        read_unlabeled_texts(tmp_path / "texts")


def test_a_folder_of_images_says_what_was_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="hf_selftuning")
    (tmp_path / "new").mkdir()
    Image.new("RGB", (20, 40)).save(tmp_path / "new" / "a.png")
    (tmp_path / "new" / "b.heic").write_bytes(b"")
    assert len(list(predict(save_classifier(tmp_path / "model"), tmp_path / "new", device="cpu"))) == 1
    assert "new/: 1 image without classes; 1 file passed over (.heic 1)" in caplog.text
    assert "pictures that are not opened (.heic 1); convert them to JPEG or PNG" in caplog.text


def test_a_folder_that_does_not_exist_is_said_not_to(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"There is no file or folder .*new; check the path\."):
        list(predict(save_classifier(tmp_path / "model"), tmp_path / "new", device="cpu"))


def test_the_most_probable_classes_of_an_image_come_first(tmp_path: Path) -> None:
    Image.new("RGB", (20, 40)).save(tmp_path / "a.png")
    model = save_classifier(tmp_path / "model")
    first, second = predict(str(model), [str(tmp_path / "a.png")], top=2, device="cpu")
    softmax = math.exp(5) / (math.exp(0) + math.exp(5) + math.exp(1))  # of the logits 0, 5 and 1
    assert first == Prediction(str(tmp_path / "a.png"), "LABEL_1", pytest.approx(softmax, abs=1e-5))
    assert second.label == "LABEL_2"


def test_a_model_that_does_neither_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    tiny.bert().bert.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="is BertModel; give a model that tags words, or classifies texts or images"):
        predict(tmp_path, "nowhere.txt")


def test_the_folder_of_a_run_stands_for_its_model(tmp_path: Path) -> None:
    run = save_tagger(tmp_path / "run")
    assert model_folder(str(run)) == str(run / "model")
    assert model_folder("someone/model") == "someone/model"


def test_a_folder_without_a_model_is_refused_and_a_run_inside_it_is_named(tmp_path: Path) -> None:
    save_tagger(tmp_path / "words")
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"{tmp_path} holds no model (no config.json); give the folder of a "
            f"run, such as {tmp_path / 'words'}, or the folder of a model."
        ),
    ):
        predict(tmp_path, "nowhere.txt")


def test_numbers_below_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch_size=-3 is given where a number from 1 is wanted"):
        predict(save_tagger(tmp_path), "nowhere.txt", batch_size=-3)


def test_long_texts_are_counted_once_and_no_flag_is_named(tmp_path: Path, caplog) -> None:
    (tmp_path / "a.txt").write_text("w7 w8\n" * 600 + "w9 " * 600 + "\n" + "w7 " * 700 + "\n")
    model = save_text_classifier(tmp_path / "model")
    assert len(list(predict(model, tmp_path / "a.txt", device="cpu"))) == 602
    [told] = [line.getMessage() for line in caplog.records if "longer" in line.getMessage()]
    assert told.startswith(f"{tmp_path / 'a.txt'}: 2 texts are longer than ")
    assert "--" not in told
