"""Methods by their names, in Python as on the command line."""

from pathlib import Path
from typing import Any

import pytest
import tiny

from hf_selftuning import CoTuning, FixMatch, SelfTuning, parse_method
from hf_selftuning.methods import split_methods


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("self_tuning", ["self_tuning"]),
        ("co_tuning+fixmatch:threshold=0.9", ["co_tuning", "fixmatch:threshold=0.9"]),
        (["co_tuning", "fixmatch"], ["co_tuning", "fixmatch"]),
        ("fixmatch:threshold=9e+2", ["fixmatch:threshold=9e+2"]),  # a plus before a digit is part of a number
        ("fine_tuning", []),
        ([], []),
        (None, None),
        (7, [7]),
    ],
)
def test_a_plus_joins_methods_and_fine_tuning_is_none(given: Any, parts: Any) -> None:
    assert split_methods(given) == parts


@pytest.mark.parametrize(("kind", "preset"), [("bert", "words"), ("vit", "images")])
def test_a_name_takes_the_preset_of_the_data(tmp_path: Path, kind: str, preset: str) -> None:
    trainer = tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path), methods="self_tuning")
    assert [method.settings() for method in trainer.methods] == [SelfTuning.from_preset(preset).settings()]
    mixed = ["co_tuning", FixMatch(threshold=0.8), "self_tuning:preset=paper,queue_size=8"]
    trainer = tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path), methods=mixed)
    assert [type(method) for method in trainer.methods] == [CoTuning, FixMatch, SelfTuning]
    _, fixmatch, self_tuning = trainer.methods
    assert (fixmatch.threshold, self_tuning.preset, self_tuning.queue_size) == (0.8, "paper", 8)
    for given, types in (("fine_tuning", []), (FixMatch(), [FixMatch])):
        trainer = tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path), methods=given)
        assert [type(method) for method in trainer.methods] == types


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("fixmach", "There is no method 'fixmach'; there are self_tuning, .*\\. Did you mean fixmatch"),
        (["fixmatch:treshold=0.9"], "FixMatch has no setting 'treshold'; it has .*\\. Did you mean threshold?"),
        ("fixmatch:threshold", "'threshold' in 'fixmatch:threshold' has no value"),
        ("self_tuning:preset=word", "SelfTuning has no preset 'word'"),
        ("fixmatch+fixmatch", "FixMatch is there twice"),
        ([3], "is no list of methods; give .* a name such as 'self_tuning', or a list of names and methods"),
    ],
)
def test_a_wrong_name_is_refused_as_on_the_command_line(tmp_path: Path, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path), methods=given)


def test_a_name_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(ValueError, match=r"There is no method 'zzz'; there are self_tuning, .*\.$"):
        parse_method("zzz")
