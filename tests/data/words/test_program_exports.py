"""JSON of programs that nest texts, and JSON of programs that is called by its name and not read."""

import json

import pytest

from hf_selftuning import load_texts
from hf_selftuning.cli.main import main
from hf_selftuning.data.words.load_words import read_words

TEXT = "Anna Berg left Oslo."
WORDS = ["Anna", "Berg", "left", "Oslo", "."]
TAGS = ["B-PER", "I-PER", "O", "B-LOC", "O"]
OFFSETS = [(0, 9, "PER"), (15, 19, "LOC")]
SPANS = [{"start": start, "end": end, "label": label} for start, end, label in OFFSETS]


def argilla(answers, **more):
    return {"fields": {"text": TEXT}, "suggestions": {"ents": {"value": []}}, "responses": {"ents": answers}, **more}


def bioc():
    found = [
        {
            "infons": {"type": kind},
            "text": TEXT[start:end],
            "locations": [{"offset": start + 7, "length": end - start}],
        }
        for start, end, kind in OFFSETS
    ]
    passages = [{"offset": 7, "text": "Anna Berg left", "annotations": found[:1]}]
    return {"id": "1", "passages": [*passages, {"offset": 22, "text": "Oslo.", "annotations": found[1:]}]}


def spacy_2(tags):
    tokens = [
        {"id": place, "orth": word, "ner": tag} for place, (word, tag) in enumerate(zip(WORDS, tags, strict=True))
    ]
    return {"id": 0, "paragraphs": [{"raw": TEXT, "sentences": [{"tokens": tokens, "brackets": []}]}]}


READ = {
    "argilla": argilla([{"value": SPANS, "user_id": "a"}]),
    "argilla flat": {"text": TEXT, "ents.responses": [SPANS], "ents.responses.users": ["a"]},
    "dialogflow": {"data": [{"text": "Anna Berg", "entity": "PER"}, {"text": " left "},
                            {"text": "Oslo", "alias": "LOC"}, {"text": "."}]},
    "bioc": bioc(),
    "gate": {"text": TEXT, "entities": {"PER": [{"indices": [0, 9], "rule": "a"}], "LOC": [{"indices": [15, 19]}]}},
    "luis": {"text": TEXT, "entities": [{"entity": "PER", "startPos": 0, "endPos": 8},
                                        {"entity": "LOC", "startPos": 15, "endPos": 18}]},
    "spacy 2": spacy_2(["B-PER", "L-PER", "O", "U-LOC", "O"]),
}  # fmt: skip


def write(folder, value):
    path = folder / "export.json"
    path.write_text(json.dumps(value))
    return path


def tags_of(data):
    return [[data.tag_names[tag] for tag in row] for row in data.train["ner_tags"]]


@pytest.mark.parametrize("program", READ)
@pytest.mark.parametrize("wrap", [lambda row: [row, row], lambda row: {"documents": [row, row]}])
def test_nested_texts_become_words_and_tags(tmp_path, program, wrap):
    data = read_words(write(tmp_path, wrap(READ[program])))
    assert (data.train["tokens"][:], tags_of(data)) == ([WORDS] * 2, [TAGS] * 2)


def test_answers_that_do_not_count_leave_their_text_unlabelled(tmp_path):
    given = [{"value": SPANS, "user_id": "a"}]
    other = [*given, {"value": [], "user_id": "b"}]
    rows = [argilla(given), argilla(other), argilla(given, status="discarded"), argilla([])]
    data = read_words(write(tmp_path, rows))
    assert (len(data.train), len(data.unlabeled)) == (1, 3)
    assert "tags of rows with responses that disagree 1" in data.summaries[0].line


def test_an_annotation_of_two_places_is_refused(tmp_path):
    row = bioc()
    row["passages"][0]["annotations"][0]["locations"] *= 2
    with pytest.raises(ValueError, match=r"row 1, span 1: .* is no span; give its start"):
        read_words(write(tmp_path, [row]))


CHAT = [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "travel"}]
REFUSED = {
    "an export of Labelbox": [{"data_row": {"row_data": TEXT}, "projects": {}}],
    "a project of Azure AI Language": {
        "metadata": {"projectKind": "CustomEntityRecognition"},
        "assets": {"documents": [{"location": "1.txt"}]},
    },
    "a data set of Snips NLU": {"intents": {"travel": {"utterances": []}}, "entities": {}, "language": "en"},
    "an export of UBIAI": [{"document": TEXT, "tokens": [{"text": "Anna", "start": 0, "entityLabel": "PER"}]}],
    "a manifest of Amazon SageMaker": [{"source": TEXT, "topic": 0, "topic-metadata": {"class-name": "travel"}}],
    "a chat, and its classes are answers": [{"messages": CHAT}],
    "a chat,": [{"conversations": [{"from": "human", "value": TEXT}]}],
    "pairs of answers": [{"chosen": CHAT, "rejected": CHAT}],
    "annotations of COCO": {
        "images": [{"file_name": "1.png"}],
        "annotations": [{"image_id": 1}],
        "categories": [{"id": 1}],
    },
    "annotations of LabelMe": {"shapes": [{"label": "cat"}], "imagePath": "1.png"},
    "a project of the VGG annotator": {"_via_img_metadata": {}},
    "training data of spaCy 2 with classes": [{"paragraphs": [{"raw": TEXT, "cats": [{"label": "a", "value": 1}]}]}],
    "questions and answers": {"data": [{"title": "a", "paragraphs": [{"context": TEXT, "qas": []}]}]},
    "annotations of tagtog": {"annotatable": {"parts": []}, "anncomplete": True},
    "a document of INCEpTION": {"%FEATURE_STRUCTURES": []},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_json_that_is_not_read_is_called_by_its_name_with_the_way_out(tmp_path, kind, capsys):
    path = write(tmp_path, REFUSED[kind])
    for read in (read_words, lambda given: load_texts(train_file=given)):
        with pytest.raises(ValueError, match=rf"holds {kind}.*; (write|export)|holds {kind}.*: .*write"):
            read(path)
    assert main(["inspect", str(path)]) == 2
    assert f"holds {kind}" in capsys.readouterr().err
