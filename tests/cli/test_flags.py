"""The flags that are read from source are those of the parser that fills the dataclasses."""

from argparse import Action, ArgumentParser, _HelpAction

import pytest
from transformers import HfArgumentParser

from hf_selftuning.cli.command_parser import CommandParser
from hf_selftuning.cli.flag import Flag, flags_of
from hf_selftuning.cli.literals import Unread
from hf_selftuning.cli.source import path_of
from hf_selftuning.cli.training_flags import TASKS, comparison_groups
from hf_selftuning.comparison.arguments import CompareArguments
from hf_selftuning.experiment.command.flags import BudgetArguments, FlagParser, ModelArguments
from hf_selftuning.experiment.images.image_setup import ImageConfig, ImageDataArguments
from hf_selftuning.experiment.words.word_setup import WordConfig, WordDataArguments

REAL = {
    "ner": FlagParser(ModelArguments, WordDataArguments, BudgetArguments, WordConfig, description=""),
    "images": FlagParser(ModelArguments, ImageDataArguments, BudgetArguments, ImageConfig, description=""),
    "compare": HfArgumentParser(CompareArguments),
}
READ = {**{name: task.groups for name, task in TASKS.items()}, "compare": comparison_groups}


def options(parser: ArgumentParser) -> dict[str, Action]:
    """Each way to write a flag, and its action."""
    actions = [action for action in parser._actions if not isinstance(action, _HelpAction)]
    return {option: action for action in actions for option in action.option_strings}


def read_flags(name: str) -> dict[str, Flag]:
    return {flag.name: flag for group in READ[name]([]) for flag in group.flags}


@pytest.fixture(params=REAL)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_flag_and_no_other_is_read(name: str) -> None:
    parser = CommandParser(groups=READ[name])
    if name == "compare":
        parser.parse_known_args(["--task", "ner"])
        shared = set(options(REAL["ner"]))
    else:
        parser.parse_known_args([])
        shared = set()
    assert set(options(parser)) == set(options(REAL[name])) | shared


def test_values_are_checked_as_the_dataclasses_are_filled(name: str) -> None:
    real = options(REAL[name])
    for flag in read_flags(name).values():
        action = real[f"--{flag.name}"]
        assert flag.nargs == action.nargs, flag
        assert flag.required == action.required, flag
        assert flag.kind is str or flag.kind is bool or flag.kind is action.type, flag
        assert (flag.kind is bool) == (getattr(action.type, "__name__", "") == "string_to_bool"), flag
        assert flag.choices is None or list(flag.choices) == list(action.choices), flag


def test_help_shows_the_default_and_the_sentence_of_each_flag(name: str) -> None:
    real = options(REAL[name])
    for flag in read_flags(name).values():
        action = real[f"--{flag.name}"]
        assert flag.default == action.default, flag
        assert flag.help or flag.name == "config", flag
        assert flag.help.split("%%")[0] in action.help, flag


def test_what_this_library_changes_stands_before_what_is_transformers_own() -> None:
    data, model, labels, training, others = TASKS["ner"].groups()
    assert {flag.name for flag in training.flags} >= {"output_dir", "learning_rate", "safety_gate"}
    assert "seed" in {flag.name for flag in others.flags}
    assert [group.flags[0].name for group in (data, model, labels)] == [
        "dataset_name", "model_name_or_path", "label_ratio",
    ]  # fmt: skip


MADE = """
from dataclasses import dataclass, field

@dataclass
class Base:
    words: list[str] = field(default_factory=list, metadata={"help": "Words."})
    hidden: int = field(default=1, init=False)
    speed: float | None = field(default=None, metadata={"help": "Speed."})
    sure: bool = field(default=True, metadata={"help": "Sure."})
    computed: int = field(default=len("abc"), metadata={"help": "Known to running code alone."})

@dataclass
class Changed(Base):
    speed: float | None = 2.0
"""


def test_a_field_that_is_changed_keeps_its_place_and_its_sentence(tmp_path, monkeypatch) -> None:
    (tmp_path / "made_flags").mkdir()
    (tmp_path / "made_flags" / "__init__.py").write_text(MADE)
    monkeypatch.syspath_prepend(tmp_path)
    words, speed, sure, computed = flags_of("made_flags", "Changed")
    assert (words.default, words.nargs, words.kind) == ([], "+", str)
    assert (speed.default, speed.help, speed.kind) == (2.0, "Speed.", float)
    assert (sure.options, sure.negations) == (["--sure"], ["--no_sure", "--no-sure"])
    assert computed.default == Unread("len('abc')")


def test_a_class_that_is_not_there_and_a_module_without_source_are_refused() -> None:
    with pytest.raises(ValueError, match="config defines no class Missing, so its flags cannot be read"):
        flags_of("hf_selftuning.config", "Missing")
    with pytest.raises(ValueError, match=r"The source of hf_selftuning\.nowhere was not found"):
        path_of("hf_selftuning.nowhere")
