"""What the documents say is run: the README's script, and the tables against the code."""

import dataclasses
import re
from pathlib import Path

import datasets
import pytest

from hf_selftuning import METHODS, SelfTuning
from hf_selftuning.data.embedded import minilm_folder

ROOT = Path(__file__).parents[2]


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(), flags=re.DOTALL)


@pytest.fixture
def small_corpus() -> datasets.DatasetDict:
    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    features = datasets.Features(
        {
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(datasets.ClassLabel(names=names)),
        }
    )
    rows = {"tokens": [["Anna", "saw", "Oslo"], ["Ben", "left"]] * 40, "ner_tags": [[1, 0, 3], [1, 0]] * 40}
    return datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows, features=features)})


def test_the_script_of_the_readme_runs_as_it_stands(tmp_path, monkeypatch, small_corpus) -> None:
    (block,) = python_blocks(ROOT / "README.md")
    assert len([line for line in block.splitlines() if line.strip()]) <= 25
    monkeypatch.setattr(datasets, "load_dataset", lambda name: small_corpus)
    monkeypatch.chdir(tmp_path)
    # Only what needs the Hub or time is replaced.
    block = block.replace("google-bert/bert-base-cased", str(minilm_folder())).replace("max_steps=1000", "max_steps=2")
    exec(compile(block, "README.md", "exec"), {})
    assert (tmp_path / "out" / "model" / "model.safetensors").is_file()


def test_the_table_of_settings_says_what_the_code_has() -> None:
    text = (ROOT / "docs" / "methods.md").read_text()
    for field in dataclasses.fields(SelfTuning):
        if field.name != "preset":
            paper = SelfTuning.presets["paper"].get(field.name, field.default)
            others = [str(SelfTuning.presets[name].get(field.name, "")) for name in ("images", "photos", "words")]
            assert f"| `{field.name}` | {paper} | {' | '.join(others)} |" in text


def test_every_method_has_a_row() -> None:
    text = (ROOT / "docs" / "methods.md").read_text()
    for name in METHODS:
        assert f"| `{name}` |" in text


def test_the_tree_of_the_readme_names_every_module() -> None:
    readme = (ROOT / "README.md").read_text()
    for path in (ROOT / "hf_selftuning").glob("*.py"):
        assert path.name == "__init__.py" or path.name in readme, path.name
