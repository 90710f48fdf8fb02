"""Answers written for annotation tools: our own readers find the same entities in them."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from hf_selftuning import read_words
from hf_selftuning.data.words.load_words import WordColumns, read_sentences
from hf_selftuning.experiment.words.answer_formats import FORMATS
from hf_selftuning.experiment.words.word_answers import SentenceAnswer, WordAnswer


def answer(text: str, words: Iterable[str], tags: Iterable[str]) -> SentenceAnswer:
    given, place = [], 0
    for word, tag in zip(words, tags, strict=True):
        place = text.index(word, place)
        given.append(WordAnswer(word, place, place + len(word), tag, 0.75))
        place += len(word)
    return SentenceAnswer("new.txt:1", 1, text, given, [word.tag for word in given])


ANSWERS = [
    answer("  Anna\tBerg (E.ON)  saw #1 ", ["Anna", "Berg", "(", "E", ".", "ON", ")", "saw", "#", "1"],
           ["B-PER", "I-PER", "O", "B-ORG", "I-ORG", "I-ORG", "O", "O", "B-ORG", "I-ORG"]),
    answer("Kari Omar", ["Kari", "Omar"], ["B-PER", "B-PER"]),
    answer("it rained", ["it", "rained"], ["O", "O"]),
    answer("# 🦀 Zürich", ["#", "🦀", "Zürich"], ["B-ORG", "O", "B-LOC"]),
]  # fmt: skip


def written(folder: Path, form: str, answers: list[SentenceAnswer] | None = None) -> Path:
    path = folder / f"answers.{'conll' if form == 'conll' else 'json' if form == 'label-studio' else 'jsonl'}"
    path.write_text("".join(FORMATS[form](ANSWERS if answers is None else answers, "words")), encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["doccano", "label-studio", "prodigy", "conll"])
def test_what_is_written_is_read_back_with_the_same_tags(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, form)
    if form == "label-studio":  # the tool exports a prediction as an annotation, once somebody has accepted it
        tasks = json.loads(path.read_text())
        path.write_text(json.dumps([{"data": t["data"], "annotations": t["predictions"]} for t in tasks]))
    data = read_words(path)
    assert data.train["tokens"] == [[word.text for word in answer.words] for answer in ANSWERS]
    assert data.tags_of(data.train) == [answer.tags for answer in ANSWERS]


def test_the_form_of_each_tool(tmp_path: Path) -> None:
    first = json.loads(written(tmp_path, "doccano").read_text().splitlines()[0])
    assert first == {"text": ANSWERS[0].text, "label": [[2, 11, "PER"], [13, 17, "ORG"], [24, 26, "ORG"]]}
    task = json.loads(written(tmp_path, "label-studio").read_text())[1]
    assert task["data"] == {"text": "Kari Omar", "source": "new.txt:1"}
    [prediction] = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("words", 0.75)
    assert prediction["result"][1] == {
        "id": "entity-2",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "score": 0.75,
        "value": {"start": 5, "end": 9, "text": "Omar", "labels": ["PER"]},
    }
    row = json.loads(written(tmp_path, "prodigy").read_text().splitlines()[0])
    assert row["tokens"][:2] == [
        {"text": "Anna", "start": 2, "end": 6, "id": 0, "ws": True},
        {"text": "Berg", "start": 7, "end": 11, "id": 1, "ws": True},
    ]
    assert not row["tokens"][3]["ws"]
    assert row["spans"][0] == {"start": 2, "end": 11, "token_start": 0, "token_end": 1, "label": "PER"}
    assert written(tmp_path, "conll").read_text().startswith("Anna\tB-PER\nBerg\tI-PER\n(\tO\n")
    row = json.loads(written(tmp_path, "json").read_text().splitlines()[1])
    assert row["words"][1] == {"text": "Omar", "start": 5, "end": 9, "tag": "B-PER", "score": 0.75}
    assert row["entities"][0] == {"label": "PER", "text": "Kari", "start": 0, "end": 4, "score": 0.75}


def test_emoji_that_doccano_may_count_as_two_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    written(tmp_path, "doccano")
    assert "Characters such as emoji are in 1 sentence with labels" in caplog.text
    caplog.clear()
    written(tmp_path, "doccano", ANSWERS[:3])
    assert not caplog.text


def test_predictions_that_nobody_has_accepted_are_no_labels(tmp_path: Path) -> None:
    reading = read_sentences(written(tmp_path, "label-studio"), WordColumns(), tagged=False)
    assert len(reading.sentences) == len(ANSWERS)
    with pytest.raises(ValueError, match="no sentence of the train part has tags"):
        read_words(written(tmp_path, "label-studio"))


def test_nothing_to_write_is_an_empty_file_of_its_kind(tmp_path: Path) -> None:
    assert json.loads(written(tmp_path, "label-studio", []).read_text()) == []
    assert written(tmp_path, "doccano", []).read_text() == ""


def test_a_word_that_no_column_file_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"new\.txt:1: the word 'a\\nb' holds a tab or a line break, which a column"):
        written(tmp_path, "conll", [answer("a\nb", ["a\nb"], ["O"])])
