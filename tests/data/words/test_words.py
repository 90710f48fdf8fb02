import importlib.util
import json

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from hf_selftuning.data.words.load_words import (
    WordColumns,
    from_columns,
    from_embedded,
    from_hub,
    load_words,
    read_unlabeled_words,
    read_words,
)

TOKENS = [["Ada", "slept"], ["New", "York"]]
TAGS = [["B-PER", "O"], ["B-LOC", "I-LOC"]]
CONLL = "Ada B-PER\nslept O\n\nNew B-LOC\nYork I-LOC\n"
CSV = "tokens,tags\nAda slept,B-PER O\nNew York,B-LOC I-LOC\n"
NAMES = ["O", "B-LOC", "B-PER", "I-LOC"]


@pytest.fixture
def write(tmp_path):
    def write_file(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_file


def tags_of(data, part="train"):
    dataset = getattr(data, part)
    return [[data.tag_names[tag] for tag in row] for row in dataset["ner_tags"]]


def json_lines(tags=TAGS, words="tokens", labels="ner_tags"):
    rows = [{words: some, labels: other} for some, other in zip(TOKENS, tags, strict=True)]
    return "\n".join(map(json.dumps, rows))


def test_column_files_become_data(write):
    data = read_words(write("train.conll", CONLL), test=write("test.conll", "Eve B-PER\n"))
    assert list(data.train["tokens"]) == TOKENS
    assert tags_of(data) == TAGS
    assert data.tag_names == data.train.features["ner_tags"].feature.names == NAMES
    assert tags_of(data, "test") == [["B-PER"]]
    assert data.validation is None
    assert data.unlabeled is None


def test_a_tag_met_only_in_the_test_part_has_a_name(write):
    data = read_words(write("train.conll", "Ada B-PER\n"), test=write("test.conll", "Rome B-LOC\n"))
    assert data.tag_names == ["O", "B-LOC", "B-PER"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.csv", CSV),
        ("train.jsonl", json_lines()),
        ("train.json", json_lines()),
        ("train.json", "[" + json_lines().replace("\n", ",") + "]"),
        ("train.json", json_lines([" ".join(row) for row in TAGS])),
    ],
)
def test_tables_become_the_same_data(write, name, text):
    data = load_words(train_file=write(name, text))
    assert list(data.train["tokens"]) == TOKENS
    assert tags_of(data) == TAGS
    assert data.tag_names == NAMES


def test_each_part_is_read_by_its_own_suffix(write):
    data = load_words(train_file=write("train.CSV", CSV), test_file=write("test.conll", CONLL))
    assert tags_of(data) == tags_of(data, "test") == TAGS


def test_other_columns_and_integer_tags_are_looked_up(write):
    tags = [[NAMES.index(tag) for tag in row] for row in TAGS]
    path = write("train.json", json_lines(tags, words="text", labels="entities"))
    data = read_words(path, columns=WordColumns(text="text", labels="entities", tag_names=NAMES))
    assert tags_of(data) == TAGS


def test_a_word_that_pandas_takes_for_a_missing_cell_stays(write):
    data = read_words(write("train.csv", "tokens,tags\nNA,O\nNone,B-PER\n"))
    assert list(data.train["tokens"]) == [["NA"], ["None"]]


def test_iob1_in_a_table_is_rewritten(write):
    data = read_words(write("train.csv", "tokens,tags\nNew York,I-LOC I-LOC\n"))
    assert tags_of(data) == [["B-LOC", "I-LOC"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tokens,tags\nAda slept,O O\nParis is,O\n", r"train\.csv, row 2: 2 words and 1 tags"),
        (
            "tokens,tags\nAda slept,B-PER O\nBen ran,PERSON O\n",
            r"train\.csv, row 2: 'PERSON' is in the place of the tag",
        ),
        ("review,tags\nAda,O\n", r"train\.csv: there is no column of words among \['review', 'tags'\]"),
        ("tokens,topic\nAda slept,sport\n", r"train\.csv: there is no column of tags among \['tokens', 'topic'\]"),
        ("tokens,tags\nAda,\n", r"train\.csv: no sentence of the train part has tags"),
        ("tokens,tags\n", r"train\.csv holds no row"),
    ],
)
def test_a_table_that_does_not_fit_names_its_row(write, text, message):
    with pytest.raises(ValueError, match=message):
        read_words(write("train.csv", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is neither a JSON list nor JSON lines"),
        ("[1]", "row 1: 1 is no object"),
        (
            json_lines([[0, 1], [2, 3]]),
            "row 1: 0 is no tag; give O, B-type or I-type, or the names .* by --tag_names",
        ),
        (json_lines([["O", 1], ["O", "O"]]), "row 1: 1 is no tag"),
    ],
)
def test_broken_json_is_refused(write, text, message):
    with pytest.raises(ValueError, match=message):
        read_words(write("train.json", text))


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not exist; check the path"):
        read_words(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("more.txt", "Ada slept\n\nNew York\n"),
        ("more.txt", CONLL),
        ("more.conll", "Ada\nslept\n\nNew\nYork\n"),
        ("more.csv", "tokens\nAda slept\nNew York\n"),
        ("more.json", json.dumps([{"tokens": words} for words in TOKENS])),
    ],
)
def test_unlabeled_sentences_come_without_tags(write, name, text):
    data = load_words(train_file=write("train.conll", CONLL), unlabeled_file=write(name, text))
    assert data.unlabeled.column_names == ["tokens"]
    assert list(data.unlabeled["tokens"]) == TOKENS


@pytest.mark.parametrize("name", ["more.txt", "more.conll", "more.csv"])
def test_an_empty_unlabeled_file_is_refused(write, name):
    with pytest.raises(ValueError, match="holds no"):
        read_unlabeled_words(write(name, ""))


def test_a_missing_unlabeled_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        read_unlabeled_words(tmp_path / "more.txt")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A local folder in the layout of a Hub dataset, whose class names are in an order of their own."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    names = ["O", "B-PER", "B-LOC", "I-LOC"]
    features = Features(
        {"id": Value("string"), "tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=names))}
    )
    rows = {"id": ["0", "1", "2"], "tokens": [*TOKENS, []], "ner_tags": [*TAGS, []]}
    for part in ("train", "validation"):
        path = tmp_path / "words" / f"{part}-00000-of-00001.parquet"
        path.parent.mkdir(exist_ok=True)
        Dataset.from_dict(rows, features=features).to_parquet(path)
    return str(tmp_path / "words")


def test_a_dataset_repository_keeps_its_class_names(repository):
    data = load_words(dataset_name=repository)
    assert data.tag_names == ["O", "B-PER", "B-LOC", "I-LOC"]
    assert list(data.train["tokens"]) == TOKENS
    assert tags_of(data) == tags_of(data, "validation") == TAGS
    assert data.test is None
    assert data.train.column_names == ["tokens", "ner_tags"]


def test_a_repository_of_text_tags_is_read_like_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "train.jsonl").write_text(json_lines())
    data = from_hub(str(tmp_path / "words"))
    assert tags_of(data) == TAGS
    assert data.tag_names == NAMES


def test_a_repository_without_the_column_is_refused(repository):
    with pytest.raises(ValueError, match="there is no column 'words' among"):
        from_hub(repository, columns=WordColumns(text="words"))


def test_a_file_and_a_dataset_together_are_refused(write):
    with pytest.raises(ValueError, match="were both given; give one"):
        load_words(dataset_name="someone/words", train_file=write("train.conll", CONLL))


def test_a_test_file_alone_is_refused(write):
    with pytest.raises(ValueError, match=r"test\.conll was given without a training file"):
        load_words(test_file=write("test.conll", CONLL))


# ---- tags ----


def test_what_is_trained_is_iob2_whatever_the_source_says(write):
    data = read_words(write("train.conll", "New B-LOC\nYork E-LOC\n\nAda S-PER\nran O\n"))
    assert tags_of(data) == [["B-LOC", "I-LOC"], ["B-PER", "O"]]
    assert data.tag_names == ["O", "B-LOC", "B-PER", "I-LOC"]


def test_the_tags_of_all_parts_are_read_together_and_each_line_says_the_scheme_of_its_part(write):
    data = read_words(write("train.conll", "Ada I-PER\nran O\n"), test=write("test.conll", "Oslo B-LOC\nBen S-PER\n"))
    assert [summary.scheme for summary in data.summaries] == ["IOB1", "IOBES"]
    units = write("dev.conll", "New B-LOC\nYork L-LOC\nAda U-PER\n")
    data = read_words(write("train.conll", "New B-LOC\nYork E-LOC\nAda S-PER\n"), units)
    assert [summary.scheme for summary in data.summaries] == ["IOBES", "BILOU"]
    assert [any("marks of IOBES (E, S) and of BILOU" in doubt for doubt in one.doubts) for one in data.summaries] == [
        False,
        True,
    ]
    assert data.tags_of(data.train) == data.tags_of(data.validation) == [["B-LOC", "I-LOC", "B-PER"]]
    with pytest.raises(ValueError, match=r"test\.conll, line 2: 'PER' is in the place of the tag, and other tags"):
        read_words(write("train.conll", "Ada I-PER\nran O\n"), test=write("test.conll", "Oslo O\nBen PER\n"))


@pytest.mark.parametrize("names", [["O", "PER", "LOC"], "names.json", "config.json", "O,PER,LOC"])
def test_names_of_integer_tags_are_given_or_read(write, tmp_path, monkeypatch, names):
    write("names.json", '["O", "PER", "LOC"]')
    write("config.json", '{"id2label": {"0": "O", "1": "PER", "2": "LOC"}, "hidden_size": 4}')
    monkeypatch.chdir(tmp_path)
    data = load_words(train_file=write("train.jsonl", json_lines([[1, 0], [2, 2]])), label_names=names)
    assert tags_of(data) == TAGS
    assert data.tag_names == ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def test_a_number_beyond_the_names_is_named(write):
    path = write("train.jsonl", json_lines([[1, 0], [2, 9]]))
    with pytest.raises(ValueError, match=r"row 2: the tag 9 is beyond the 3 names"):
        load_words(train_file=path, label_names=["O", "B-PER", "B-LOC"])


def test_a_file_without_names_is_refused(write):
    with pytest.raises(ValueError, match=r"names\.json holds no names of classes"):
        load_words(train_file=write("a.jsonl", json_lines()), label_names=[str(write("names.json", '{"a": 1}'))])


@pytest.mark.parametrize("hidden", [-100, -1])
def test_a_hidden_word_has_no_part_in_training_or_scoring(write, hidden):
    path = write("train.jsonl", json_lines([[1, 0], [2, hidden]]))
    data = load_words(train_file=path, label_names=["O", "B-PER", "B-LOC"])
    assert data.train["ner_tags"][1] == [2, -100]
    assert data.tags_of(data.train) == [["B-PER", "O"], ["B-LOC"]]
    assert data.summaries[0].passed_over == {"words hidden by -100 or -1": 1}


def test_a_sentence_of_hidden_words_is_unlabelled(write):
    path = write("train.jsonl", json_lines([[1, 0], [-100, -100]]))
    data = load_words(train_file=path, label_names=["O", "B-PER"])
    assert list(data.unlabeled["tokens"]) == [["New", "York"]]


def test_rows_without_tags_join_the_unlabelled_file(write):
    path = write("train.jsonl", json_lines([TAGS[0], None]))
    data = load_words(train_file=path, unlabeled_file=write("more.txt", "Mia ran\n"))
    assert len(data.train) == 1
    assert list(data.unlabeled["tokens"]) == [["New", "York"], ["Mia", "ran"]]
    assert data.summaries[0].line.startswith("train.jsonl: 1 sentence, 2 words, tags IOB2, 1 type (PER 1), 1 more sen")


def test_types_that_only_the_test_part_has_are_told_with_their_counts(write, caplog):
    read_words(write("train.conll", "Ada B-PER\n"), test=write("test.conll", "Rex B-DOG\nran O\nFido B-DOG\n"))
    assert "types that the training part lacks cannot be found: DOG 2" in caplog.text


def test_each_part_is_one_line(write, caplog):
    caplog.set_level("INFO", "hf_selftuning")
    load_words(train_file=write("train.conll", CONLL), unlabeled_file=write("more.txt", "Mia ran off\n"))
    assert "train.conll: 2 sentences, 4 words, tags IOB2, 2 types (LOC 1, PER 1); words in column 1" in caplog.text
    assert "more.txt: 1 sentence, 3 words; a sentence a line" in caplog.text


def test_the_test_part_takes_its_tags_from_the_column_of_the_training_part(write):
    train = write("train.conll", "Ada B-NP B-PER\nran B-VP O\n")
    data = read_words(train, test=write("test.conll", "It B-NP O\nrained B-VP O\n"))
    assert tags_of(data, "test") == [["O", "O"]]
    rows = {"tokens": ["Ada"], "ner": ["B-PER"], "target": ["O"]}
    with pytest.raises(ValueError, match="could all be the tags"):
        read_words(write("train.jsonl", json.dumps(rows)))
    named = load_words(train_file=write("train.jsonl", json.dumps(rows)), label_column_name="ner")
    assert tags_of(named) == [["B-PER"]]


# ---- text ----


@pytest.mark.parametrize("separator", ["/", "|", "_"])
def test_words_may_carry_their_tags(write, separator):
    text = "\n".join(" ".join(map(separator.join, zip(*pair, strict=True))) for pair in zip(TOKENS, TAGS, strict=True))
    path = write("train.txt", text)
    assert tags_of(read_words(path)) == TAGS
    assert list(read_unlabeled_words(path)["tokens"]) == TOKENS


def test_a_word_that_lost_its_tag_is_named(write):
    text = "Ada/B-PER slept/O\n" * 20 + "Ben/B-PER ran\n"
    with pytest.raises(ValueError, match=r"line 21: 'ran' has no tag after '/'"):
        read_words(write("train.txt", text))


def test_text_without_blanks_is_cut_by_characters_and_said_so(write, caplog):
    caplog.set_level("INFO", "hf_selftuning")
    words = read_unlabeled_words(write("more.txt", "小王昨天去了奥斯陆今天 ABC 回家了\n"))["tokens"][0]
    assert words[:2] == ["小", "王"]
    assert "ABC" in words
    assert "cut by characters" in caplog.text


def test_text_beside_labelled_text_is_cut_in_the_same_way(write):
    train = write("train.jsonl", json.dumps({"text": "Ada saw Oslo.", "label": [[0, 3, "PER"]]}))
    data = load_words(train_file=train, unlabeled_file=write("more.txt", "Mia saw Rome.\n"))
    assert data.from_text
    assert list(data.unlabeled["tokens"]) == [["Mia", "saw", "Rome", "."]]
    assert list(read_unlabeled_words(write("more.txt", "Mia saw Rome.\n"))["tokens"]) == [["Mia", "saw", "Rome."]]


# ---- the gate ----


def test_words_that_hold_blanks_are_told(write, caplog):
    read_words(write("train.jsonl", json.dumps({"tokens": ["New York", "is", "big"], "tags": ["B-LOC", "O", "O"]})))
    assert "1 word holds blanks, the first 'New York'" in caplog.text


def test_sentences_in_the_place_of_words_are_refused(write):
    rows = json.dumps({"tokens": ["Ada slept .", "Ben ran .", "Oslo"]})
    with pytest.raises(ValueError, match=r"row 1: 'Ada slept \.' and most other words hold blanks"):
        read_unlabeled_words(write("more.jsonl", rows))


def test_sentences_of_a_script_without_blanks_in_the_place_of_words_are_refused(write):
    with pytest.raises(ValueError, match=r"line 1: .* is a sentence whose words are not cut"):
        read_words(write("train.conll", "小王昨天去了奥斯陆今天回家了 B-LOC\n\n安娜认识保罗和小王吗 O\n"))


def test_single_letters_and_lost_characters_are_doubted(write, caplog):
    text = "".join(f"{letter} O\n" for letter in "thewindwasverystrong") + "K\ufffdln B-LOC\nZÃ¼rich B-LOC\n"
    read_words(write("train.conll", text))
    assert "20 of 22 words are single letters" in caplog.text
    assert "1 word holds signs as if UTF-8 was read as text of Windows" in caplog.text
    assert "1 word holds the sign of a character lost in decoding" in caplog.text


# ---- datasets ----


def test_each_part_of_a_folder_has_its_own_class_names(tmp_path):
    for part, names in (("train", NAMES), ("test", ["O", "I-LOC", "B-PER", "B-LOC"])):
        features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=names))})
        rows = {"tokens": TOKENS, "ner_tags": TAGS}
        Dataset.from_dict(rows, features=features).to_parquet(tmp_path / f"{part}-00000-of-00001.parquet")
    data = from_hub(str(tmp_path))
    assert data.tag_names == NAMES
    assert tags_of(data) == tags_of(data, "test") == TAGS


@pytest.mark.parametrize("hidden", [True, False])
def test_a_part_of_a_folder_without_tags_is_not_scored(tmp_path, caplog, hidden):
    (tmp_path / "train.jsonl").write_text(json_lines())
    (tmp_path / "test.jsonl").write_text(json_lines([[-1, -1]] * 2) if hidden else '{"tokens": ["Mia", "ran"]}')
    assert from_hub(str(tmp_path)).test is None
    assert "none of its" in caplog.text


def test_a_saved_dataset_is_read(tmp_path):
    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=NAMES))})
    DatasetDict({"train": Dataset.from_dict({"tokens": TOKENS, "ner_tags": TAGS}, features=features)}).save_to_disk(
        tmp_path / "saved"
    )
    assert tags_of(from_hub(str(tmp_path / "saved"))) == TAGS


def test_columns_in_memory_pass_the_same_checks():
    data = from_columns({"words": TOKENS, "labels": TAGS}, test={"words": [["Ada"]], "labels": [["S-PER"]]})
    assert tags_of(data) == TAGS
    assert tags_of(data, "test") == [["B-PER"]]
    with pytest.raises(ValueError, match="memory train, row 1: 2 words and 1 tags"):
        from_columns({"tokens": TOKENS, "tags": [["O"], ["O", "O"]]})


@pytest.mark.skipif(
    importlib.util.find_spec("neuroner") is None, reason="neuroner of requirements/demo.txt is not installed"
)
def test_the_embedded_corpus_is_conll2003():
    data = from_embedded()
    assert data.name == "conll2003"
    assert (len(data.train), len(data.validation), len(data.test)) == (14_041, 3_250, 3_453)
    assert data.tag_names == [
        "O",
        *(f"{mark}-{kind}" for mark in "BI" for kind in ("LOC", "MISC", "ORG", "PER")),
    ]
    assert data.train[0]["tokens"][:3] == ["EU", "rejects", "German"]
