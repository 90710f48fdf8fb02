"""Presets of a run on texts that no flag names."""

import pytest

from hf_selftuning.experiment.stages.stage_text import stage_of
from hf_selftuning.experiment.texts.text_recipe import FEW, STANDARD, text_recipe


@pytest.mark.parametrize(
    ("asked", "labeled", "name", "words"),
    [
        ("auto", 77, "few", "There are 1.0 labelled texts a class. With so few, pseudo-labels are those of the start"),
        ("auto", 154, "few", "There are 2.0 labelled texts a class"),
        ("auto", 155, "standard", "Pseudo-labels come from start and network (preset texts)"),
        ("few", 770, "few", ""),
        ("standard", 77, "standard", ""),
    ],
)
def test_the_recipe_follows_the_labels_and_says_why(asked: str, labeled: int, name: str, words: str) -> None:
    found, usual, reasons = text_recipe(asked, labeled=labeled, class_names=[str(number) for number in range(77)])
    assert (found, usual) == (name, FEW if name == "few" else STANDARD)
    assert words in " ".join(reasons)


def test_names_that_are_words_count_unless_a_recipe_or_a_setting_is_given() -> None:
    names = ["card_arrival", "lost_card"]
    _, usual, reasons = text_recipe("auto", labeled=8, class_names=names)
    assert "The names of the classes count as labelled texts for the start, where that helps" in reasons[1]
    counts = {
        text: stage_of([text], usual).methods[0].name_examples
        for text in ("self_tuning", "self_tuning:name_examples=False", "fixmatch", "fixmatch:start=propagate", "uda")
    }
    wanted = {"self_tuning": True, "fixmatch:start=propagate": True}
    assert counts == dict.fromkeys(counts, False) | wanted
    assert usual.presets == FEW.presets
    assert "There are 4.0 labelled texts a class. With so few" in reasons[0]
    assert text_recipe("auto", labeled=9, class_names=names)[0] == "standard"
    for given in ({"asked": "few"}, {"asked": "auto", "pairs": True}):
        _, usual, reasons = text_recipe(**{"asked": "auto", "labeled": 8, "class_names": names, **given})
        assert not usual.name_examples
        assert not any("names of the classes" in reason for reason in reasons)


def test_the_recipe_names_the_preset_of_self_tuning_alone() -> None:
    assert stage_of(["self_tuning"], FEW).methods[0].preset == "few_texts"
    assert stage_of(["mean_teacher"], FEW).methods[0].preset == "texts"


def test_without_the_start_no_label_of_it_is_learned() -> None:
    method = stage_of(["self_tuning:start=none"], FEW).methods[0]
    assert (method.start, method.pool_share, method.pseudo_label_weight) == ("none", 0.0, 0.0)
