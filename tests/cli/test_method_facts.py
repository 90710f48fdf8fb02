"""What is read from the source of a method is what its class says."""

import dataclasses

import pytest

from hf_selftuning import METHODS
from hf_selftuning.cli.method_facts import check_methods, method_facts, stage_names
from hf_selftuning.experiment.stages.plan import FINE_TUNING, SAME_TIME, TAPT

VARIABLES = ("title", "paper", "presets", "needs_unlabeled", "needs_source")


def test_methods_have_their_names_in_the_order_of_the_registry() -> None:
    assert list(method_facts()) == list(METHODS)
    assert stage_names() == [FINE_TUNING, TAPT, SAME_TIME]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_the_same_without_being_imported(name: str) -> None:
    facts, method = method_facts()[name], METHODS[name]
    for variable in VARIABLES:
        said, read = getattr(method, variable), getattr(facts, variable)
        assert read == said, f"{variable} of {name} cannot be read from its source; write it as a literal"
    settings = {item.name: (item.default, item.metadata.get("help")) for item in dataclasses.fields(method)}
    read = {item: (setting.default, setting.help) for item, setting in facts.settings.items()}
    assert read == settings, f"a setting of {name} cannot be read from its source; write it as setting(default, text)"


@pytest.mark.parametrize(
    "text",
    ["fine_tuning", "tapt", "self_tuning+fixmatch:threshold=0.9", "self_tuning:preset=words,steps=30,learning_rate=1"],
)
def test_what_a_stage_may_be_passes(text: str) -> None:
    check_methods([text], joined=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fixmach", "There is no method 'fixmach'. Did you mean fixmatch"),
        ("magic", "There is no method 'magic'; there are self_tuning"),
        ("tapt+magic", "There is no method 'magic'"),
        ("self_tuning:temprature=1", "self_tuning has no setting 'temprature'. Did you mean temperature"),
        ("bss:preset=words", "bss has no preset 'words'; it has paper"),
    ],
)
def test_what_does_not_exist_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_methods([text], joined=True)


def test_a_plus_in_a_folder_is_no_second_method_where_none_can_be_joined() -> None:
    check_methods(["distillation:teacher=runs/a+b"], joined=False)
    with pytest.raises(ValueError, match="There is no method 'b'"):
        check_methods(["distillation:teacher=runs/a+b"], joined=True)
