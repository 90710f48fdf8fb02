"""The rows that a command names: their names, titles and kinds."""

from pathlib import Path

import pytest

from hf_selftuning import METHODS, BudgetArguments, Method, SelfTuning, SelfTuningConfig
from hf_selftuning.experiment.stages.plan import SAME_TIME, plan_rows, row_of, slug
from hf_selftuning.experiment.stages.usual import Usual


class Other(SelfTuning):
    """A method that learns from unlabelled data and says nothing of its kind."""

    needs_unlabeled = True


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("fine_tuning", "fine_tuning", "Fine-tuning"),
        (SAME_TIME, SAME_TIME, "Fine-tuning, same time"),
        ("self_tuning", "self_tuning", "Self-Tuning (words)"),
        ("self_tuning:preset=paper", "self_tuning-preset=paper", "Self-Tuning (paper)"),
        ("self_tuning:temperature=1e+2", "self_tuning-temperature=1e+2", "Self-Tuning (words, temperature 1e+2)"),
    ],
)
def test_a_row_is_named_by_all_of_its_settings(text: str, name: str, title: str) -> None:
    row = row_of(text, Usual(("words",)))
    assert (row.name, row.title) == (name, title)
    assert slug(text) == name


def test_methods_joined_by_a_plus_train_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "other", Other)
    row = row_of("other+self_tuning:temperature=0.1", Usual(("words",)))
    assert [type(method) for method in row.last.methods] == [Other, SelfTuning]
    assert row.name == "other+self_tuning-temperature=0.1"
    assert row.title == "Self-Tuning (words) + Self-Tuning (words, temperature 0.1)"
    assert row.last.family == "combined"


def test_a_method_is_of_the_kind_it_says_or_by_what_it_needs() -> None:
    assert row_of("fine_tuning", Usual(("words",))).last.family == "TL"
    assert row_of("self_tuning", Usual(("words",))).last.family == "ours"
    assert Other.family == "SSL"

    class Transfer(Method):
        needs_unlabeled = False

    assert Transfer.family == "TL"


def test_a_plus_in_a_number_of_a_stage_joins_no_methods(tmp_path: Path) -> None:
    budget = BudgetArguments(stages=["fine_tuning:learning_rate=1e+2", "co_tuning+fixmatch:weight=1e+1"])
    (plan,) = plan_rows(budget, SelfTuningConfig(str(tmp_path)), Usual(("images",)))[1:]
    assert plan.stages[0].changes == {"learning_rate": 100.0}
    assert [type(method).__name__ for method in plan.last.methods] == ["CoTuning", "FixMatch"]
    assert plan.last.methods[1].settings()["weight"] == 10.0
