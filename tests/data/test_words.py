import importlib.util
import json

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

from hf_selftuning.data.words import WordColumns, from_embedded, from_hub, load_words, read_unlabeled_words, read_words

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
        ("tokens,tags\nAda,PERSON\n", r"train\.csv, row 1: 'PERSON' is no tag"),
        ("text,tags\nAda,O\n", r"train\.csv, row 1: no words or tags in a column 'tokens' among"),
        ("tokens,label\nAda,O\n", r"train\.csv, row 1: no words or tags in a column 'ner_tags' among"),
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
        (json_lines([[0, 1], [2, 3]]), "row 1: 0 is no tag; give O, B-type or I-type, or tag_names"),
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
    with pytest.raises(ValueError, match="has no column 'words' among"):
        from_hub(repository, columns=WordColumns(text="words"))


def test_a_file_and_a_dataset_together_are_refused(write):
    with pytest.raises(ValueError, match="were both given; give one"):
        load_words(dataset_name="someone/words", train_file=write("train.conll", CONLL))


def test_a_test_file_alone_is_refused(write):
    with pytest.raises(ValueError, match=r"test\.conll was given without a training file"):
        load_words(test_file=write("test.conll", CONLL))


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
