import json
import re
from argparse import ArgumentParser
from pathlib import Path

import pytest

from hf_selftuning.cli.commands import inspect_flags
from hf_selftuning.cli.inspect_data import run


@pytest.fixture
def inspect(tmp_path, capsys):
    def print_description(text, *flags, name="train.conll"):
        (tmp_path / name).write_text(text)
        parser = ArgumentParser()
        inspect_flags(parser)
        assert run(parser.parse_args([str(tmp_path / name), *map(str, flags), "--forecast", "False"])) == 0
        return capsys.readouterr().out

    return print_description


CONLL = "Anna B-PER\nBen I-PER\nvisited O\nOslo B-LOC\n\nit O\nrained O\n"


def test_a_tagged_file_is_described(inspect):
    said = inspect(CONLL)
    assert "train.conll: 2 sentences, 6 words, tags IOB2, 2 types (LOC 1, PER 1)" in said
    assert "  [PER Anna Ben] visited [LOC Oslo]\n  it rained" in said
    assert ["train", "3", "4"] in [line.split()[:3] for line in said.splitlines()]
    assert ["PER", "1"] in [line.split() for line in said.splitlines()]
    assert "\n\nno doubts\n\n" in said


def test_five_examples_are_shown(inspect):
    said = inspect("".join(f"word{i} O\nOslo B-LOC\n\n" for i in range(9)))
    assert [f"word{i}" in said for i in range(9)] == [True] * 5 + [False] * 4


def test_words_beyond_the_length_of_the_model_are_counted(inspect, words_model: Path):
    said = inspect(CONLL, "--model_name_or_path", words_model, "--max_length", 5)
    assert "words beyond 5 pieces" in said
    assert "1 (16.7 %)" in said
    assert "1 in 2" in said
    assert "words beyond 128 pieces" in inspect(CONLL, "--model_name_or_path", words_model)  # those of a run


def test_a_file_without_tags_is_described_with_the_reason(inspect):
    said = inspect("Mia saw Rome .\nTor slept .\n", name="more.txt")
    assert "As training data: " in said
    assert "more.txt: 2 sentences, 7 words; a sentence a line" in said
    assert "  Mia saw Rome ." in said


def test_hidden_words_and_words_with_blanks_are_seen(inspect):
    row = {"tokens": ["New York", "is", "big"], "tags": [1, 0, -100]}
    said = inspect(json.dumps(row), "--tag_names", "O", "LOC", name="a.jsonl")
    assert "  [LOC 'New York'] is {big}" in said
    assert "train: 1 word holds blanks" in said


def test_a_file_with_the_names_of_integer_tags_is_told(inspect, tmp_path: Path):
    (tmp_path / "id2label.json").write_text('{"0": "O", "1": "B-LOC"}')
    row = json.dumps({"tokens": ["Mia", "saw", "Rome"], "tags": [0, 0, 1]})
    told = f"id2label.json beside the data may hold the names: --tag_names {tmp_path}/id2label.json reads it."
    with pytest.raises(ValueError, match=re.escape(told)):
        inspect(row, name="a.jsonl")
    assert "saw [LOC Rome]" in inspect(row, "--tag_names", tmp_path / "id2label.json", name="a.jsonl")


@pytest.mark.parametrize("marks", ["[PER Anna] saw [LOC Oslo Airport] .", "[Anna|PER] saw [Oslo Airport | LOC] ."])
def test_brackets_with_labels_that_are_read_as_words_are_told(inspect, marks):
    assert "2 stretches look like marked entities, such as '[" in inspect(f"{marks}\nit rained .\n", name="more.txt")
    assert "look like marked" not in inspect("see [1] and [sic] .\n[ibid] a [UNK] | b\n", name="more.txt")


def test_brackets_in_sentences_with_tags_are_words(inspect):
    tagged = "".join(f"{word} O\n" for word in ["[", "CORRECTED", "05:30", "GMT", "]"]) + "Oslo B-LOC\n\n"
    assert "look like marked" not in inspect(3 * tagged, name="news.conll")


def test_types_that_differ_in_what_is_not_seen_are_told(inspect):
    said = inspect("Mia B-PER\nsaw O\nTor B-PER\u200b\n")
    assert r"the types PER, 'PER\u200b' differ only in case, or in signs that are not seen" in said


def test_what_can_be_read_in_no_way_is_refused(inspect):
    with pytest.raises(ValueError, match="holds no sentence"):
        inspect("\n")
