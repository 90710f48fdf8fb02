import json
import unicodedata

import pytest

from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.tables.word_tables import read_table

TEXT = "Anna Berg left Oslo."
WORDS = ["Anna", "Berg", "left", "Oslo", "."]
TAGS = ["B-PER", "I-PER", "O", "B-LOC", "O"]
PLACES = [(0, 4), (5, 9), (10, 14), (15, 19), (19, 20)]
OFFSETS = [[0, 9, "PER"], [15, 19, "LOC"]]


@pytest.fixture
def read(tmp_path):
    def read_rows(*rows, **options):
        path = tmp_path / "export.jsonl"
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return read_table(path, WordColumns(), **options)

    return read_rows


def rows(reading):
    return [(sentence.words, sentence.tags) for sentence in reading.sentences]


def spans(start="start", end="end", label="label", wrap=lambda kind: kind, **more):
    return [{start: first, end: last, label: wrap(kind), **more} for first, last, kind in OFFSETS]


def label_studio(results, **more):
    found = [{"value": value, "type": "labels", "from_name": "label"} for value in results]
    return {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": found, **more}]}


def word_span(first, last, kind):
    return {"type": kind, "start": first, "end": last}


def prodigy_tokens():
    return [{"text": TEXT[a:b], "start": a, "end": b, "id": i} for i, (a, b) in enumerate(PLACES)]


@pytest.mark.parametrize(
    "row",
    [
        {"id": 0, "text": TEXT, "label": OFFSETS},
        {"text": TEXT, "labels": OFFSETS},
        {"text": TEXT, "entities": spans("start_offset", "end_offset", id=3), "relations": [], "Comments": []},
        {"tokens": TEXT, "tags": OFFSETS},
        {"text": TEXT, "spans": spans()},
        {"Text": TEXT, "Entities": str(spans(label="entity"))},
        {"text": TEXT, "entities": spans(label="entity_group", score=0.9, word="x")},
        {"text": TEXT, "tokens": prodigy_tokens(), "spans": spans(token_start=0), "answer": "accept"},
        {"text": TEXT, "ents": spans(), "tokens": [{"id": 0, "start": a, "end": b} for a, b in PLACES]},
        label_studio(spans(label="labels", wrap=lambda kind: [kind])),
        {"text": TEXT, "label": spans(label="labels", wrap=lambda kind: [kind]), "annotator": 1, "id": 2},
        {"data": {"my_text": TEXT}, "annotations": label_studio(spans())["annotations"]},
        [[TEXT, {"entities": OFFSETS}]],
        [[TEXT, OFFSETS]],
        {"textContent": TEXT, "textSegmentAnnotations": spans("startOffset", "endOffset", "displayName")},
        {"text": TEXT, "tokens": WORDS, "annotation": [[kind, first, last] for first, last, kind in OFFSETS]},
        {"text": TEXT, "label": {"PER": {"Anna Berg": [[0, 8]]}, "LOC": {"Oslo": [[15, 18]]}}},
        {"text": TEXT, "label": {"PER": [[0, 9]], "LOC": [[15, 19]]}},
        {"text": TEXT, "spans": [{"start": "0", "end": "9", "label": "PER"}, spans()[1]]},
        {"text": TEXT, "entities": [{"start": 0, "end": 8, "label": "PER", "text": "Anna Berg"}, spans()[1]]},
        {"tokenized_text": WORDS, "ner": [[0, 1, "PER"], [3, 3, "LOC"]]},
        {"tokens": WORDS, "entities": [word_span(0, 2, "PER"), word_span(3, 4, "LOC")], "relations": []},
        {"sentence": WORDS, "ner": [{"index": [0, 1], "type": "PER"}, {"index": [3], "type": "LOC"}]},
        {"doc_key": "a", "sentences": [WORDS], "ner": [[[0, 1, "PER"], [3, 3, "LOC"]]]},
        [[{"word": word, "tag": tag} for word, tag in zip(WORDS, TAGS, strict=True)]],
        {"tokens": [{"text": word, "label": tag} for word, tag in zip(WORDS, TAGS, strict=True)]},
        [[[word, tag] for word, tag in zip(WORDS, TAGS, strict=True)]],
        [[[word, "NN", tag] for word, tag in zip(WORDS, TAGS, strict=True)]],
        [[WORDS, TAGS]],
    ],
    ids=["doccano", "labels", "doccano objects", "renamed", "spans", "pipeline", "groups", "prodigy", "spans of spacy",
         "label studio", "json min", "other text", "spacy", "spacy alone", "vertex", "argilla", "cluener",
         "by type", "edges as text", "last character", "gliner", "spert", "w2ner", "dygie", "objects",
         "tokens with labels", "pairs", "triples", "two lists"],
)  # fmt: skip
def test_labelled_stretches_of_every_tool_become_tags(read, row):
    count = 1 if isinstance(row, list) else 2  # a lone object may be the columns of a file
    assert rows(read(*[row] * count)) == [(WORDS, TAGS)] * count


def test_a_span_inside_a_word_cuts_it_so_that_no_span_is_lost(read):
    reading = read({"text": "NewYorker", "label": [[3, 9, "PER"]]}, {"text": "in U.S.", "label": [[3, 7, "LOC"]]})
    assert rows(reading)[0] == (["New", "Yorker"], ["O", "B-PER"])
    assert rows(reading)[1] == (["in", "U", ".", "S", "."], ["O", "B-LOC", *["I-LOC"] * 3])
    assert reading.passed_over == {"words cut in two at the edge of a span": 1}


def test_given_words_are_kept_and_cut_only_at_spans(read):
    tokens = [{"text": "U.S.-led", "start": 0, "end": 8}, {"text": "\n", "start": 8, "end": 9}]
    reading = read({"text": "U.S.-led\n", "tokens": tokens, "spans": [{"start": 0, "end": 4, "label": "LOC"}]})
    assert rows(reading) == [(["U.S.", "-led"], ["B-LOC", "O"])]
    assert not reading.from_text


def test_blanks_at_the_edges_of_a_span_are_no_part_of_it(read):
    assert rows(read({"text": "to Oslo now", "label": [[2, 8, "LOC"]]})) == [
        (["to", "Oslo", "now"], ["O", "B-LOC", "O"])
    ]


def test_neighbouring_spans_stay_two(read):
    found = read({"text": "Ada Ben", "label": [[0, 3, "PER"], [4, 7, "PER"]]})
    assert rows(found) == [(["Ada", "Ben"], ["B-PER", "B-PER"])]


def test_overlapping_spans_are_named(read):
    with pytest.raises(ValueError, match=r"row 1: the spans PER 0-9 \('Anna Berg'\) and LOC 5-14 .* overlap"):
        read({"text": TEXT, "label": [[0, 9, "PER"], [5, 14, "LOC"]]})


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ([0, 99, "PER"], r"the span PER 0-99 covers no word of a text of 20 characters"),
        ([4, 4, "PER"], r"covers no word"),
        ([4, 5, "PER"], r"covers no word"),
        ({"start": 0, "end": 4}, "is no span; give its start, its end and one label"),
        ({"start": "/p[1]", "end": 4, "label": "PER"}, "is no span"),
        ({"start": 0, "end": 4, "labels": ["PER", "LOC"]}, "is no span; .* one label"),
    ],
)
def test_a_span_that_is_none_is_named(read, span, message):
    with pytest.raises(ValueError, match=f"export.jsonl, row 2.*{message}"):
        read({"text": TEXT, "label": OFFSETS}, {"text": TEXT, "label": [span]})


def test_offsets_of_a_browser_are_told_by_the_covered_text(read):
    row = {"text": "😀 Oslo", "label": [{"start": 3, "end": 7, "text": "Oslo", "labels": ["LOC"]}]}
    assert rows(read(row))[0][1][-1] == "B-LOC"


def test_spans_of_words_are_told_by_all_rows_and_said(read):
    ends_after = {"tokens": ["in", "Oslo"], "entities": [[1, 2, "LOC"]]}
    assert rows(read(ends_after, {"tokens": ["a", "b", "c"], "entities": [[0, 2, "LOC"]]}))[1][1] == [
        "B-LOC",
        "I-LOC",
        "O",
    ]
    reading = read(
        {"tokens": ["in", "Oslo"], "entities": [[1, 1, "LOC"]]},
        {"tokens": ["a", "b", "c"], "entities": [[0, 2, "LOC"]]},
    )
    assert rows(reading)[1][1] == ["B-LOC", "I-LOC", "I-LOC"]
    assert reading.layout.endswith("spans count words, the end is the last word")
    with pytest.raises(ValueError, match="end with the word that they begin with, and others behind the last word"):
        read(ends_after, {"tokens": ["in", "Oslo"], "entities": [[1, 1, "LOC"]]})


def test_spans_of_a_document_count_its_words(read):
    spans_of_both = [[[1, 1, "LOC"]], [[2, 3, "PER"]]]
    reading = read({"doc_key": "a", "sentences": [["in", "Oslo"], ["Anna", "Berg"]], "ner": spans_of_both})
    assert [tags for _, tags in rows(reading)] == [["O", "B-LOC"], ["B-PER", "I-PER"]]
    with pytest.raises(ValueError, match=r"row 1: the span \[1, 2, 'LOC'\] leaves its sentence \(words 0 to 1\)"):
        read({"doc_key": "a", "sentences": [["in", "Oslo"], ["Anna", "Berg"]], "ner": [[[1, 2, "LOC"]], []]})


def test_a_span_that_does_not_cover_what_it_says_is_named(read):
    with pytest.raises(ValueError, match="row 1, span 1: it says that it covers 'Anna', and 'nna ' stands at 1-5"):
        read({"text": TEXT, "entities": [{"start": 1, "end": 5, "label": "PER", "text": "Anna"}]})


def test_spans_that_cut_words_are_a_doubt(read):
    reading = read(*[{"text": f"in Oslo{number}", "label": [[3, 6, "LOC"]]} for number in range(4)])
    assert reading.doubts == [
        "4 spans cut 4 words in two; a span has to end after its last character, and to count from 0"
    ]


def test_a_script_without_blanks_is_cut_by_characters_and_said_so(read):
    reading = read({"text": "小王昨天去了奥斯陆、今天回家了。", "label": [[6, 9, "LOC"]]})
    assert rows(reading)[0][0][4:10] == ["去", "了", "奥", "斯", "陆", "、"]
    assert rows(reading)[0][1][4:10] == ["O", "O", "B-LOC", "I-LOC", "I-LOC", "O"]
    assert "cut by characters" in reading.layout


def test_marks_stay_with_their_letter(read):
    text = "ฉันไปเชียงใหม่เมื่อวานนี้กับเพื่อน"
    words = rows(read({"text": text, "label": []}))[0][0]
    assert "".join(words) == text
    assert len(words) > 10
    assert not any(unicodedata.combining(word[0]) for word in words)


# ---- not annotated yet ----


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Mia ran", "label": None},
        {"text": "Mia ran"},
        {"text": "Mia ran", "label": [[0, 3, "PER"]], "answer": "reject"},
        {"text": "Mia ran", "label": [[0, 3, "PER"]], "answer": "ignore"},
        {"data": {"text": "Mia ran"}, "annotations": []},
        {"data": {"text": "Mia ran"}, "annotations": [{"was_cancelled": True, "result": []}]},
    ],
)
def test_a_row_that_is_not_annotated_is_unlabelled(read, row):
    first = label_studio(spans()) if "data" in row else {"text": TEXT, "label": OFFSETS}
    assert rows(read(first, row)) == [(WORDS, TAGS), (["Mia", "ran"], None)]


def test_a_text_without_an_entity_has_tags(read):
    assert rows(read({"text": TEXT, "label": OFFSETS}, {"text": "It rained", "label": []}))[1][1] == ["O", "O"]
    assert rows(read(label_studio([])))[0][1] == ["O"] * 5


def test_more_annotations_and_other_results_are_counted(read):
    row = label_studio(spans())
    row["annotations"] = [*row["annotations"], {"result": []}]
    row["annotations"][0]["result"].append({"type": "choices", "value": {"choices": ["x"]}})
    reading = read(row)
    assert rows(reading) == [(WORDS, TAGS)]
    assert set(reading.passed_over.values()) == {1}
    assert len(reading.passed_over) == 2


def test_labels_are_not_looked_at_where_they_are_not_wanted(read):
    assert rows(read({"text": "NewYorker ran", "label": [[3, 9, "PER"]]}, tagged=False)) == [
        (["NewYorker", "ran"], None)
    ]
