"""Texts without classes as people hand them to a trained model: lists of texts, and tables without names."""

from pathlib import Path

import pytest

from hf_selftuning import read_unlabeled_texts, read_unlabeled_words


def texts_of(tmp_path: Path, name: str, content: str) -> list[str]:
    (tmp_path / name).write_text(content)
    return read_unlabeled_texts(tmp_path / name)["text"][:]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '["my card", "a refund"]'),
        ("a.jsonl", '"my card"\n"a refund"\n'),
        ("a.json", '{"texts": ["my card", "a refund"]}'),
        ("a.json", '{"texts": ["my card", "a refund"], "label": "pay"}'),
    ],
)
def test_each_text_of_a_list_in_json_is_a_text(tmp_path: Path, name: str, content: str) -> None:
    assert texts_of(tmp_path, name, content) == ["my card", "a refund"]


def test_each_text_of_a_list_in_json_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('["Ada slept", "It rained"]')
    assert read_unlabeled_words(tmp_path / "a.json")["tokens"][:] == [["Ada", "slept"], ["It", "rained"]]


@pytest.mark.parametrize("first", [1, 41])
def test_a_table_that_begins_with_a_counted_row_has_no_names(tmp_path: Path, first: int) -> None:
    rows = [f"{first + place},{text}" for place, text in enumerate(("my card", "a refund", "an app"))]
    assert texts_of(tmp_path, "a.csv", "\n".join(rows) + "\n") == ["my card", "a refund", "an app"]


def test_numbers_that_do_not_count_may_name_columns(tmp_path: Path) -> None:
    assert texts_of(tmp_path, "a.csv", "what was said,2020\nmy card,7\na refund,9\n") == ["my card", "a refund"]


@pytest.mark.parametrize("header", ["Where is my card now", "Any refunds?"])
def test_a_name_of_a_column_that_may_be_the_first_text_is_told(tmp_path: Path, header: str, caplog) -> None:
    caplog.set_level("WARNING", logger="hf_selftuning")
    assert texts_of(tmp_path, "a.csv", f"{header}\nI want a refund\nno\n") == ["I want a refund", "no"]
    assert f"the first line is taken as the names of the columns, so '{header}' is none of the texts" in caplog.text


def test_a_usual_name_of_a_column_is_no_doubt(tmp_path: Path, caplog) -> None:
    caplog.set_level("WARNING", logger="hf_selftuning")
    assert texts_of(tmp_path, "a.csv", "customer feedback text\nI want a refund\nno\n") == ["I want a refund", "no"]
    assert "the first line" not in caplog.text
