import json

import pyarrow
import pyarrow.parquet
import pytest

from hf_selftuning.data.words.tables.table_columns import WordColumns
from hf_selftuning.data.words.tables.word_tables import read_table
from hf_selftuning.data.words.word_files import read_sentences

ADA = (["Ada", "slept"], ["B-PER", "O"])
YORK = (["New", "York"], ["B-LOC", "I-LOC"])


@pytest.fixture
def read(tmp_path):
    def read_file(name, content, columns=None, **options):
        path = tmp_path / name
        if not isinstance(content, str):
            content = "\n".join(json.dumps(row, ensure_ascii=False) for row in content)
        path.write_text(content, encoding="utf-8")
        return read_table(path, columns or WordColumns(), **options)

    return read_file


def rows(reading):
    return [(sentence.words, sentence.tags) for sentence in reading.sentences]


def jsonl(words="tokens", labels="ner_tags", **more):
    return [{words: ADA[0], labels: ADA[1], **more}, {words: YORK[0], labels: YORK[1], **more}]


# ---- shapes of tables ----


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "tokens,tags\nAda slept,B-PER O\nNew York,B-LOC I-LOC\n"),
        ("a.csv", "tokens;tags\nAda slept;B-PER O\nNew York;B-LOC I-LOC\n"),
        ("a.csv", "tokens\ttags\r\nAda slept\tB-PER O\r\nNew York\tB-LOC I-LOC\r\n"),
        ("a.tsv", "text\tlabels\nAda slept\tB-PER O\nNew York\tB-LOC I-LOC\n"),
        ("a.csv", "Ada slept,B-PER O\nNew York,B-LOC I-LOC\n"),
        ("a.csv", "\n,tokens,tags\n0,Ada slept,B-PER O\n1,New York,B-LOC I-LOC\n"),
        ("a.csv", "tokens,tags\n\"['Ada', 'slept']\",\"['B-PER', 'O']\"\n\"['New', 'York']\",B-LOC I-LOC\n"),
        ("a.csv", 'tokens,tags\n"[""Ada"", ""slept""]","[""B-PER"", ""O""]"\n"(\'New\', \'York\')",B-LOC I-LOC\n'),
        ("a.csv", "tokens,tags\n\"['Ada' 'slept']\",\"['B-PER' 'O']\"\n\"['New'\n 'York']\",\"['B-LOC' 'I-LOC']\"\n"),
        ("a.csv", "Sentence #,Word,Tag\nSentence: 1,Ada,B-PER\n,slept,O\nSentence: 2,New,B-LOC\n,York,I-LOC\n"),
        ("a.csv", "sep=;\ntokens;tags\nAda slept;B-PER O\nNew York;B-LOC I-LOC\n"),
        ("a.csv", "tokens,tags\nAda slept,B-PER O,\nNew York,B-LOC I-LOC,\n"),
        ("a.csv", "sentence_id,word,tag\n4,Ada,B-PER\n4,slept,O\n9,New,B-LOC\n9,York,I-LOC\n"),
    ],
    ids=["comma", "semicolon", "tab", "tsv", "no header", "index", "python", "json", "numpy", "word a row", "excel",
         "comma at the end", "numbers"],
)  # fmt: skip
def test_csv_of_every_shape_gives_the_same_sentences(read, name, text):
    assert rows(read(name, text)) == [ADA, YORK]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", jsonl()),
        ("a.txt", jsonl()),
        ("a.json", json.dumps(jsonl(), indent=1)),
        ("a.json", json.dumps({"version": "1", "data": jsonl()}, indent=1)),
        ("a.json", json.dumps({"tokens": [ADA[0], YORK[0]], "ner_tags": [ADA[1], YORK[1]]})),
        ("a.json", json.dumps({"tokens": {"0": ADA[0], "1": YORK[0]}, "ner_tags": {"0": ADA[1], "1": YORK[1]}})),
        ("a.json", json.dumps({"columns": ["tokens", "tags"], "index": [0, 1], "data": [[*ADA], [*YORK]]})),
        ("a.json", json.dumps(dict(zip("01", jsonl(), strict=True)))),
        ("a.json", json.dumps(dict(zip(("a first", "a second"), jsonl(), strict=True)))),
        ("a.json", "\n".join(json.dumps(row, indent=2) for row in jsonl())),
        ("a.jsonl", [{"tokens": [ADA[0], YORK[0]], "ner_tags": [ADA[1], YORK[1]]}, {"tokens": []}]),
        ("a.jsonl", jsonl("words", "labels")),
        ("a.jsonl", jsonl("text", "pos_tags", id="0")),
        ("a.jsonl", jsonl("my_words", "my_marks", id="0")),
        ("a.jsonl", [{"tokens": str(words), "tags": str(tags)} for words, tags in (ADA, YORK)]),
        ("a.jsonl", [{"tokens": [{"text": w, "id": 0} for w in words], "tags": tags} for words, tags in (ADA, YORK)]),
    ],
    ids=["lines", "txt", "list", "field", "columns", "pandas", "split", "index", "keys", "pretty", "nested",
         "words", "pos", "unknown", "text", "objects"],
)  # fmt: skip
def test_json_of_every_shape_gives_the_same_sentences(read, name, content):
    assert rows(read(name, content)) == [ADA, YORK]


def test_parquet_has_the_names_of_its_class_labels(tmp_path):
    features = {"ner_tags": {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "List"}}
    table = pyarrow.table({"tokens": [["Ada", "slept"]], "ner_tags": [[1, 0]]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    reading = read_table(tmp_path / "a.parquet", WordColumns())
    assert rows(reading) == [(["Ada", "slept"], [1, 0])]
    assert reading.tag_names == ["O", "B-PER"]


def test_names_beside_the_rows_are_those_of_integer_tags(read):
    rows_of = [{"tokens": ["Ada"], "ner_tags": [1]}]
    reading = read("a.json", json.dumps({"id2label": {"1": "B-PER", "0": "O"}, "data": rows_of}))
    assert reading.tag_names == ["O", "B-PER"]


# ---- cells ----


def test_a_no_break_space_is_part_of_a_word(read):
    assert rows(read("a.csv", "tokens,tags\n10\u00a0km,O\n")) == [(["10\u00a0km"], ["O"])]


def test_quoted_cells_hold_commas_quotes_and_line_breaks(read):
    text = 'tokens,tags\n"Ada , ""she"" \nslept","B-PER O O O"\n'
    assert rows(read("a.csv", text)) == [(["Ada", ",", '"she"', "slept"], ["B-PER", "O", "O", "O"])]
    assert rows(read("a.tsv", 'tokens\ttags\n" Ada\tO B-PER\n')) == [(['"', "Ada"], ["O", "B-PER"])]


def test_a_number_among_words_is_a_word_and_numbers_alone_are_ids(read):
    assert rows(read("a.jsonl", [{"tokens": ["in", 1990]}], tagged=False)) == [(["in", "1990"], None)]
    assert rows(read("a.jsonl", [{"text": "[12]"}], tagged=False)) == [(["[12]"], None)]
    with pytest.raises(ValueError, match="row 1, word 1: 101 is no word"):
        read("a.jsonl", [{"tokens": [101, 2000, 102]}], tagged=False)


@pytest.mark.parametrize("hole", [None, True, 1.5, "", " ", ["x"], {"id": 3}, "\ud800"])
def test_what_is_no_word_is_named_with_its_row(tmp_path, hole):
    (tmp_path / "a.jsonl").write_text(json.dumps({"tokens": ["Mia", hole, "slept"]}))
    with pytest.raises(ValueError, match=r"a\.jsonl, row 1, word 2: .*"):
        read_table(tmp_path / "a.jsonl", WordColumns(), tagged=False)


@pytest.mark.parametrize("cell", ["['a', 'b'", "['a' 'b' ... 'z']", "['a', ]]", "[{'a': }]"])
def test_a_list_that_cannot_be_read_is_no_sentence(read, cell):
    cell = cell if cell.endswith("]") else cell + ",]]"
    with pytest.raises(ValueError, match=r"row 1: .*(cannot be read as JSON or Python|cut short)"):
        read("a.jsonl", [{"tokens": cell}], tagged=False)


# ---- what is refused ----


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tokens,tags\nIn Oslo , Ada,O B-LOC O B-PER\n", r"line 2: 3 cells where the header has 2 .*quotation marks"),
        ("tokens\nIn Oslo , Ada\n", r"line 2: 2 cells where the header has 1"),
        ('tokens,tags\nAda,O\n" Ada,O O\n', r"line 3: a quotation mark opens a cell that does not end as CSV asks"),
        (
            'tokens,tags\n" Ada slept,O\n' + "Ada slept,O\n" * 12_000,
            r"line 2: a quotation mark opens a cell that does not end as CSV asks",
        ),
        (
            "Some words,,\n\ntokens,tags,id\nAda,O,1\n",
            r"line 1: 'Some words' stands alone where the names of 3 columns",
        ),
        ("tokens,tokens\nAda,O\n", r"holds 'tokens' twice"),
        ("tokens,tags\nAda slept,O O\nParis is,O\n", r"row 2: 2 words and 1 tags"),
        ("tokens,words,tags\na b,c d,O O\n", r"'tokens', 'words'.* could all be the words; .*--text_column_name"),
        ("tokens,label,labels\na b,O O,O O\n", r"'label', 'labels'.* could all be the tags; .*--label_column_name"),
        ("Ada slept\nBen ran\n", r"no column of words among \['Ada slept'\] .*--text_column_name"),
        ("tokens\nAda slept\n", r"no column of tags among \['tokens'\]; .*--unlabeled_file"),
        ("tokens,tags\n", "holds no row"),
        ("", "holds no row"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_place(read, text, message):
    with pytest.raises(ValueError, match=message):
        read("a.csv", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is neither a JSON list nor JSON lines"),
        ('[{"tokens": ["a"]}', "its list does not end"),
        ("[" * 100_000, "nested too deep"),
        ("[1]", "row 1: 1 is no object"),
        ('{"tokens": ["a", "b"], "tags": ["O"]}', "row 1: 2 words and 1 tags"),
        ('{"tokens": [["a"], ["b"]], "tags": [["O"]]}', "row 1: the words are 2 lists"),
        ('{"train": {"tokens": [["a"]]}, "test": {"tokens": [["b"]]}}', "for each of the parts train, test"),
        ('[{"tokens": ["a"], "tags": [["a", "PER"]]}]', "no tag; .* or spans with their start, end and label"),
        ('{"text": "a", "label": {"a": "PER"}}', "give a list with a tag for each word, or of spans with"),
        ('{"tokens": ["a"], "tags": [null]}', "row 1, tag 1: None is no tag"),
    ],
)
def test_broken_json_is_refused(read, text, message):
    with pytest.raises(ValueError, match=message):
        read("a.json", text)


def test_parquet_that_is_cut_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match="is no Parquet file that can be read"):
        read_table(tmp_path / "a.parquet", WordColumns())


# ---- columns that are named ----


def test_columns_are_named_or_counted(read):
    table = [{"a": ["x", "y"], "b": ["O", "O"], "tokens": ["no"], "tags": ["O"]}]
    assert rows(read("a.jsonl", table, WordColumns(text="a", labels="b"))) == [(["x", "y"], ["O", "O"])]
    assert rows(read("a.jsonl", table, WordColumns(text="1", labels="2"))) == [(["x", "y"], ["O", "O"])]
    with pytest.raises(ValueError, match=r"no column 'c' among \['a', 'b', 'tokens', 'tags'\]; .*--text_column_name"):
        read("a.jsonl", table, WordColumns(text="c"))


def test_the_usual_names_come_before_others(read):
    table = [{"id": "0", "text": "Ada slept", "tokens": ADA[0], "pos_tags": ["N", "V"], "ner_tags": ADA[1]}]
    reading = read("a.jsonl", table)
    assert rows(reading) == [ADA]
    assert reading.other_labels == ["pos_tags"]


# ---- rows without tags ----


@pytest.mark.parametrize("none", [None, [], ""])
def test_a_row_without_tags_becomes_unlabelled(read, none):
    reading = read("a.jsonl", [*jsonl(), {"tokens": ["Mia"], "ner_tags": none}, {"tokens": ["Tor"]}])
    assert [sentence.words for sentence in reading.untagged] == [["Mia"], ["Tor"]]


@pytest.mark.parametrize("none", [None, [], " ", float("nan")])
def test_a_document_without_tags_becomes_unlabelled_sentences(read, none):
    reading = read("a.jsonl", [*jsonl(), {"tokens": [["Mia"], ["Tor"]], "ner_tags": none}])
    assert [sentence.words for sentence in reading.untagged] == [["Mia"], ["Tor"]]


def test_a_short_row_of_csv_has_no_tags(read):
    assert rows(read("a.csv", "tokens,tags\nAda slept,B-PER O\nMia ran,\nTor\n"))[1:] == [
        (["Mia", "ran"], None),
        (["Tor"], None),
    ]


def test_rows_without_words_are_counted(read):
    assert read("a.jsonl", [*jsonl(), {"tokens": []}, {"tokens": None}]).passed_over == {"rows without words": 2}


def test_a_table_that_a_column_divides_into_parts_is_refused(read):
    assert rows(read("a.jsonl", jsonl(split="train"))) == [ADA, YORK]
    divided = [{**row, "split": part} for row, part in zip(jsonl(), ("train", "Test"), strict=True)]
    with pytest.raises(ValueError, match=r"the column 'split' divides the rows into parts \(train 1, test 1\), and a"):
        read("a.jsonl", divided)
    assert len(rows(read("a.jsonl", divided, tagged=False))) == 2


# ---- a word a row ----


def test_empty_lines_part_the_sentences_of_a_table_with_a_word_a_row(tmp_path):
    (tmp_path / "a.tsv").write_text("word\ttag\n" + "Ada\tB-PER\nslept\tO\n\n" * 10)
    reading = read_table(tmp_path / "a.tsv", WordColumns())
    assert [(sentence.words, sentence.tags) for sentence in reading.sentences] == [
        (["Ada", "slept"], ["B-PER", "O"])
    ] * 10
    assert reading.layout.startswith("a word a row")


def test_a_word_a_row_without_ends_of_sentences_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,token,tag\n" + "1,Ada,B-PER\n1,slept,O\n" * 10)
    with pytest.raises(ValueError, match=r"a\.csv: each row holds one word of 'token'.*add a column sentence_id"):
        read_table(tmp_path / "a.csv", WordColumns())


def test_comment_lines_of_a_table_with_a_word_a_row_are_counted(tmp_path):
    words = "Ada\tB-PER\nslept\tO\n\n" * 10
    (tmp_path / "a.tsv").write_text("TOKEN\tNE\n# language = de\n# date = 1900-01-01\n" + words)
    reading = read_table(tmp_path / "a.tsv", WordColumns(labels="NE"))
    assert rows(reading) == [(["Ada", "slept"], ["B-PER", "O"])] * 10
    assert reading.passed_over == {"comment lines": 2}


def test_words_that_do_not_stand_beside_their_sentence_are_refused(read):
    def table(*numbers):
        return read("a.csv", "sentence_id,word,tag\n" + "".join(f"{number},Ada,B-PER\n" for number in numbers))

    with pytest.raises(ValueError, match=r"2 of 2 sentences of 'sentence_id' begin again .*; sort the rows by"):
        table(1, 2, 1, 2)
    assert len(table(1, 1, 1, 2, 2, 2, 1, 1, 1).sentences) == 3  # the numbers of each document begin at 1


def test_the_end_of_a_span_of_dataturks_is_its_last_character(read):
    found = {"label": ["PER"], "points": [{"start": 0, "end": 2, "text": "Ada"}]}
    reading = read("a.json", [{"content": "Ada slept", "annotation": [found], "extras": None}])
    assert (reading.sentences[0].words, reading.sentences[0].tags) == (["Ada", "slept"], ["B-PER", "O"])


def test_rows_deep_inside_an_object_are_read_and_parts_are_not_mixed(tmp_path):
    rows = [{"tokens": ["Ada", "slept"], "tags": ["B-PER", "O"]}]
    (tmp_path / "a.json").write_text(json.dumps({"version": 1, "data": {"train": rows}}))
    assert read_table(tmp_path / "a.json", WordColumns()).sentences[0].words == ["Ada", "slept"]
    (tmp_path / "b.json").write_text(json.dumps({"train": rows, "dev": rows}))
    with pytest.raises(ValueError, match="a list of rows for each of the parts train, dev; write each part"):
        read_table(tmp_path / "b.json", WordColumns())


def test_a_word_and_its_tag_in_the_place_of_names_are_told(read):
    with pytest.raises(ValueError, match="Ada,B-PER looks like a word and its tag; write the line word,tag above it"):
        read("a.csv", "Ada,B-PER\nslept,O\n,\nit,O\n")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_table_of_wide_characters_is_read(tmp_path, name, encoding):
    (tmp_path / name).write_text("tokens\ttags\nAda slept\tB-PER O\nNew York\tB-LOC I-LOC\n", encoding=encoding)
    assert rows(read_sentences(tmp_path / name, WordColumns())) == [ADA, YORK]


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_column_file_under_the_name_of_a_table_is_read_as_one(tmp_path, name):
    (tmp_path / name).write_text("Ada B-PER\nslept O\n\nNew B-LOC\nYork I-LOC\n")
    assert rows(read_sentences(tmp_path / name, WordColumns())) == [ADA, YORK]
