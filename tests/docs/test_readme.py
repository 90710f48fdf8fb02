"""What the README shows is so: its change runs, its figures are published, its rooms are those of the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import tiny
from pages import DOCS, ROOT, commands
from test_docs_code import read_flags
from transformers import ViTImageProcessor

from hf_selftuning import METHODS

README = (ROOT / "README.md").read_text()
(CHANGE,) = re.findall(r"```diff\n(.*?)```", README, flags=re.DOTALL)
LINES = CHANGE.splitlines()


def script(*, left_out: str) -> str:
    """The script before the change (without the lines of +) or after it (without those of -)."""
    return "\n".join(line[1:] for line in LINES if not line.startswith(left_out))


def run(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **data: Any) -> None:
    monkeypatch.chdir(folder)
    quick = text.replace("max_steps=300", "max_steps=2, use_cpu=True, report_to=[], per_device_train_batch_size=2")
    exec(compile(quick, "README.md", "exec"), data)
    assert (folder / "out" / "model" / "model.safetensors").is_file()


@pytest.mark.parametrize("left_out", ["+", "-"], ids=["before", "after"])
def test_the_script_runs_before_and_after_the_change(left_out: str, tmp_path: Path, monkeypatch) -> None:
    pictures = tiny.images(8, seed=0)
    data = {"labeled": pictures, "unlabeled": pictures, "dev": pictures, "tokenizer": ViTImageProcessor()}
    run(script(left_out=left_out), tmp_path, monkeypatch, model=tiny.vit(), **data)


def test_the_script_tags_words_after_the_change(tmp_path: Path, monkeypatch) -> None:
    sentences = tiny.sentences(8, seed=0)
    data = {"labeled": sentences, "unlabeled": sentences, "dev": sentences, "tokenizer": tiny.tokenizer()}
    run(script(left_out="-"), tmp_path, monkeypatch, model=tiny.bert(), **data)


def test_the_change_is_three_lines() -> None:
    assert sum(line.startswith("+") for line in LINES) == 3


def test_the_table_has_four_rows_of_published_figures() -> None:
    (table,) = re.findall(r"(?:^\|.*\n)+", README, flags=re.MULTILINE)
    assert len(table.splitlines()) == 2 + 4
    published = "".join(path.read_text() for path in DOCS.glob("comparisons/*/table.md"))
    shown = re.findall(r"\d+\.\d+ ± \d+\.\d+", README)
    assert len(shown) > 11
    assert [figure for figure in shown if f" {figure.replace('±', '+-')}" not in published.replace("**", " ")] == []


def test_the_tree_names_the_rooms_of_the_package() -> None:
    shown = re.findall(r"^  (\w+)/ ", README, flags=re.MULTILINE)
    rooms = sorted(path.parent.name for path in (ROOT / "hf_selftuning").glob("*/__init__.py"))
    assert sorted(shown) == rooms


def test_the_number_of_methods_is_that_of_the_table() -> None:
    assert re.findall(r"\[(\d+) methods\]\(docs/methods.md\)", README) == [str(len(METHODS))]


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)|(?:srcset|src)=\"([^\"]+)\"", README)
    assert len(links) > 10
    assert [path for path in map("".join, links) if not (ROOT / path).is_file()] == []


def test_the_commands_are_understood() -> None:
    for block in re.findall(r"```bash\n(.*?)```", README, flags=re.DOTALL):
        for words in commands(block):
            read_flags([Path(words[0]).name, *words[1:]])
