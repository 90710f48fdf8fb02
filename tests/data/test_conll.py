import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_selftuning.data.conll import looks_like_conll, read_conll, read_conll_words, tagging_scheme, to_iob2

TYPES = ["LOC", "PER"]


def write(tmp_path, text):
    path = tmp_path / "file.conll"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_words_come_from_the_first_column_and_tags_from_the_last(tmp_path):
    path = write(tmp_path, "-DOCSTART- -X- O\n\nAda NNP B-PER\nslept VB O\n\nParis NNP B-LOC\n")
    sentences = read_conll(path)
    assert sentences.tokens == [["Ada", "slept"], ["Paris"]]
    assert sentences.tags == [["B-PER", "O"], ["B-LOC"]]
    assert sentences.scheme == "IOB2"


def test_iob1_is_told_apart_and_rewritten(tmp_path):
    path = write(tmp_path, "New I-LOC\nYork I-LOC\nParis B-LOC\nAda I-PER\n. O\n")
    sentences = read_conll(path)
    assert sentences.scheme == "IOB1"
    assert sentences.tags == [["B-LOC", "I-LOC", "B-LOC", "B-PER", "O"]]


@pytest.mark.parametrize("blank", ["\n", "\t\n", "  \t \n", "\r\n", "\n\n\n"])
def test_any_line_of_white_space_ends_a_sentence(tmp_path, blank):
    sentences = read_conll(write(tmp_path, f"Ada\tB-PER\n{blank}Paris\tB-LOC"))
    assert sentences.tokens == [["Ada"], ["Paris"]]


def test_a_document_start_ends_a_sentence_whatever_its_columns(tmp_path):
    sentences = read_conll(write(tmp_path, "Ada B-PER\n-DOCSTART-\nParis B-LOC\n"))
    assert sentences.tokens == [["Ada"], ["Paris"]]


def test_a_byte_order_mark_and_a_no_break_space_are_no_trouble(tmp_path):
    sentences = read_conll(write(tmp_path, "\ufeff10\u00a0000 O\nAda B-PER\n"))
    assert sentences.tokens == [["10\u00a0000", "Ada"]]


def entities(tags):
    """Begin and type of each entity, read by the rules that both schemes share."""
    before = ["O", *tags]
    return [
        (place, tag[2:])
        for place, (last, tag) in enumerate(zip(before, tags, strict=False))
        if tag != "O" and (tag[0] == "B" or last[1:] != tag[1:])
    ]


@given(st.lists(st.sampled_from(["O", *(f"{mark}-{kind}" for mark in "BI" for kind in TYPES)]), max_size=12))
def test_rewriting_keeps_the_entities_and_is_done_once(tags):
    rewritten = to_iob2(tags)
    assert entities(rewritten) == entities(tags)
    assert to_iob2(rewritten) == rewritten
    assert tagging_scheme([rewritten]) == "IOB2"


def test_words_alone_need_no_tag(tmp_path):
    assert read_conll_words(write(tmp_path, "Ada\nslept\n\nParis\n")) == [["Ada", "slept"], ["Paris"]]


def test_columns_are_told_from_running_text(tmp_path):
    assert looks_like_conll(write(tmp_path, "-DOCSTART- O\n\nAda NNP B-PER\nslept VB O\n"))
    assert not looks_like_conll(write(tmp_path, "Ada slept in Paris .\nShe woke up .\n"))
    assert not looks_like_conll(write(tmp_path, ""))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.txt does not exist"):
        read_conll(tmp_path / "none.txt")


@pytest.mark.parametrize("text", ["", "\n \t\n", "-DOCSTART- O\n\n"])
def test_a_file_without_a_sentence_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match="holds no sentence"):
        read_conll(write(tmp_path, text))


def test_a_ragged_line_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"file\.conll, line 3: 2 columns where the first line has 3"):
        read_conll(write(tmp_path, "Ada NNP B-PER\n\nslept O\n"))


@pytest.mark.parametrize("tag", ["PER", "B-", "E-PER", "o"])
def test_a_word_in_the_place_of_the_tag_is_named(tmp_path, tag):
    with pytest.raises(ValueError, match=f"line 2: '{tag}' is in the place of the tag"):
        read_conll(write(tmp_path, f"Ada B-PER\nslept {tag}\n"))


def test_a_file_of_words_alone_has_no_tags(tmp_path):
    with pytest.raises(ValueError, match="line 1: 'O' is in the place of the tag"):
        read_conll(write(tmp_path, "O\n"))


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not UTF-8"):
        read_conll(write(tmp_path, "Müller B-PER\n".encode("latin-1")))
