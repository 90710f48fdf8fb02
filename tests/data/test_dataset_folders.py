"""Local folders of data files: each file is read as one that is given alone, and nothing in them is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from hf_selftuning import load_images, load_texts, load_words, read_words
from hf_selftuning.cli.main import main
from hf_selftuning.data.dataset_parts import load_parts
from hf_selftuning.data.rows.json_rows import json_rows

DESCRIBED = """---
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': complaint
          '1': praise
---
"""
ROWS = [("Never again", 0), ("Well done", 1), ("It broke", 0), ("I like it", 1)]


def lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def texts(rows: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"text": text, "label": label} for text, label in rows]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_rows_behind_a_null_are_read(place: int) -> None:
    rows: list[Any] = [{"a": 1}, {"a": 2}, {"a": 3}]
    rows[place] = None
    for text in ("\n".join(map(json.dumps, rows)), json.dumps(rows)):
        assert [row for _, row in json_rows(text, "x.json", [])] == rows


def test_a_row_that_is_null_is_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "train.jsonl", [*texts(ROWS)[:1], None, *texts(ROWS)[1:]])
    with pytest.raises(ValueError, match=r"train.jsonl, row 2: null is no object; give columns by name"):
        load_texts(train_file=path)
    with pytest.raises(ValueError, match=r"train.jsonl, row 2: null is no object; give columns by name"):
        read_words(path)


def test_a_null_row_does_not_end_the_process_where_the_library_reads_the_folder(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(DESCRIBED)
    lines(tmp_path / "train.jsonl", [None, *texts(ROWS)])
    for load in (load_texts, load_words):
        with pytest.raises(ValueError, match=r"train.jsonl: a row is null; write an object for it, or take"):
            load(dataset_name=str(tmp_path))
    with pytest.raises(ValueError, match="a row is null"):
        load_parts(str(tmp_path))


def test_names_of_classes_in_the_readme_are_taken(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(DESCRIBED)
    lines(tmp_path / "train.jsonl", texts(ROWS))
    data = load_texts(dataset_name=str(tmp_path), test_share=0)
    assert data.class_names == ["complaint", "praise"]
    assert data.train["label"][:] == [label for _, label in ROWS]


def test_files_of_a_part_are_joined_and_an_error_names_its_file(tmp_path: Path) -> None:
    lines(tmp_path / "data" / "train-0.jsonl", texts(ROWS[:2]))
    second = lines(tmp_path / "data" / "train-1.jsonl", texts(ROWS[2:]))
    data = load_texts(dataset_name=str(tmp_path), test_share=0)
    assert data.train["text"][:] == [text for text, _ in ROWS]
    assert f"{tmp_path.name} train: 4 texts, 2 classes (0 2, 1 2)" in data.summaries[0].line
    lines(second, [*texts(ROWS[2:]), {"text": "Both", "label": ["0", "1"]}])
    with pytest.raises(ValueError, match=r"train-1.jsonl, row 3"):
        load_texts(dataset_name=str(tmp_path), test_share=0)


def test_a_part_without_classes_and_with_other_columns_is_not_scored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines(tmp_path / "train.jsonl", texts(ROWS))
    lines(tmp_path / "test.jsonl", [{"id": 1, "text": "Is it mine"}])
    lines(tmp_path / "unlabeled.jsonl", [{"text": "So it goes"}])
    data = load_texts(dataset_name=str(tmp_path), test_share=0)
    assert (len(data.train), data.test) == (4, None)
    assert data.unlabeled is not None
    assert data.unlabeled["text"][:] == ["So it goes"]
    assert "the test part has no classes, so its 1 text will not be scored" in caplog.text


def test_inspect_says_what_the_tables_of_a_folder_lack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines(tmp_path / "train.jsonl", [{"text": text} for text, _ in ROWS])
    assert main(["inspect", str(tmp_path), "--task", "text"]) == 2
    assert "there is no column of classes among ['text']" in capsys.readouterr().err


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "above" / "data"
    lines(data / "train.jsonl", [{"text": text, "label": "xy"[label]} for text, label in ROWS])
    for name in "uvw":  # pictures and folders of texts, which would be read in the place of the table
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text("Something else")
        (tmp_path / name / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (data / "up").symlink_to(tmp_path)
    assert main(["inspect", str(data), "--forecast", "False"]) == 0
    assert "train.jsonl: 4 texts, 2 classes (x 2, y 2)" in capsys.readouterr().out


def test_configurations_of_a_folder_are_listed_and_named_by_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = "".join(f"- config_name: {name}\n  data_files: {name}/*.json\n" for name in ("en", "fi"))
    (tmp_path / "README.md").write_text(f"---\nconfigs:\n{named}---\n")
    for name in ("en", "fi"):
        lines(tmp_path / name / "train.json", texts([(f"{text} {name}", label) for text, label in ROWS]))
    told = r"has several configurations \('en', 'fi'\); name one by --dataset_config_name"
    for load in (load_texts, load_words, load_images):
        with pytest.raises(ValueError, match=told):
            load(dataset_name=str(tmp_path))
    data = load_texts(dataset_name=str(tmp_path), dataset_config="fi", test_share=0)
    assert data.train["text"][0] == "Never again fi"
    assert main(["inspect", str(tmp_path), "--dataset_config_name", "en", "--forecast", "False"]) == 0
    assert "[0] Never again en" in capsys.readouterr().out


def test_tables_of_texts_are_found_below_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines(tmp_path / "data" / "train-00000-of-00001.jsonl", texts(ROWS))
    assert main(["inspect", str(tmp_path), "--forecast", "False"]) == 0
    assert "4 texts, 2 classes (0 2, 1 2)" in capsys.readouterr().out
