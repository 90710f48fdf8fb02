"""The recipes as examples: short, of public names alone, and the same runs as the command's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from in_process import QUICK, ROOT, recipe, results, runner
from small_data import columns
from transformers import TrainingArguments

import hf_selftuning
from hf_selftuning.cli.main import main

SCRIPTS = sorted((ROOT / "recipes").glob("*.py"))


def imported(script: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a script imports."""
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def test_all_recipes_are_there() -> None:
    assert [path.name for path in SCRIPTS] == [
        "compare.py",
        "run_image_classification.py",
        "run_ner.py",
        "run_text_classification.py",
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_recipe_is_short_and_imports_public_names_alone(script: Path) -> None:
    assert len(script.read_text().splitlines()) <= 80
    for module, name in imported(script):
        assert module == "hf_selftuning", f"{script.name} imports {module}"
        assert name in dir(hf_selftuning), f"{script.name} imports {name}, which is no public name"
        assert not name.startswith("_")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_recipe_opens_with_its_command_and_numbers_its_steps(script: Path) -> None:
    text = script.read_text()
    assert f"recipes/{script.name} --" in (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[1]
    steps = [int(number) for number in re.findall(r"^    # (\d)\. ", text, flags=re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 4


def test_the_command_and_the_recipe_train_the_same_rows(
    words_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"model_name_or_path": words_model, "train_file": columns(tmp_path / "train.conll", 20)}
    given |= {"validation_share": 0.3, "label_ratio": 0.5, "learning_rate": 0.01, "eval_steps": 1}
    given["compare_fine_tuning"] = False
    folder = runner(recipe("run_ner"), monkeypatch, tmp_path / "recipe", **given)(max_steps=3)
    flags = {**QUICK, **given, "max_steps": 3, "output_dir": tmp_path / "command"}
    assert main(["train", "ner", *(str(word) for name, value in flags.items() for word in (f"--{name}", value))]) == 0
    made, again = results(folder), results(tmp_path / "command")
    for row in (*made["rows"], *again["rows"]):
        del row["seconds_per_step"], row["seconds_before"]
    assert again["rows"] == made["rows"]
    assert made["rows"][0]["dev_f1"] is not None
    # Training arguments are pickled by the name of their class, and others may not have this package.
    assert type(torch.load(folder / "model" / "training_args.bin", weights_only=False)) is TrainingArguments
