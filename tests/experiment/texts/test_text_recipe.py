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
    found, usual, reasons = text_recipe(asked, labeled=labeled, classes=77)
    assert (found, usual) == (name, FEW if name == "few" else STANDARD)
    assert words in " ".join(reasons)


def test_the_recipe_names_the_preset_of_self_tuning_alone() -> None:
    assert stage_of(["self_tuning"], FEW).methods[0].preset == "few_texts"
    assert stage_of(["mean_teacher"], FEW).methods[0].preset == "texts"


def test_without_the_start_no_label_of_it_is_learned() -> None:
    method = stage_of(["self_tuning:start=none"], FEW).methods[0]
    assert (method.start, method.pool_share, method.pseudo_label_weight) == ("none", 0.0, 0.0)
