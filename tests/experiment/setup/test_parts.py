"""The part of the labels that is kept for validation."""

from collections import Counter
from pathlib import Path

import pytest

from hf_selftuning.data.splits import draw_split
from hf_selftuning.data.words.words_in_memory import from_columns
from hf_selftuning.experiment.command.flags import BudgetArguments
from hf_selftuning.experiment.setup.parts import hold_out
from hf_selftuning.experiment.words.word_examples import split_word_data
from hf_selftuning.experiment.words.word_flags import WordDataArguments

CLASSES = [i % 5 for i in range(200)]
SPLIT = draw_split(CLASSES, labels_per_class=8, seed=3)


def test_a_share_of_every_class_is_kept_and_the_rest_trains() -> None:
    train, kept = hold_out(SPLIT, CLASSES, 0.25)
    assert sorted(train + kept) == list(SPLIT.labeled)
    assert Counter(CLASSES[i] for i in kept) == dict.fromkeys(range(5), 2)
    assert Counter(CLASSES[i] for i in train) == dict.fromkeys(range(5), 6)


def test_the_same_split_keeps_the_same_and_another_seed_others() -> None:
    assert hold_out(SPLIT, CLASSES, 0.25) == hold_out(SPLIT, CLASSES, 0.25)
    other = draw_split(CLASSES, label_ratio=1.0, seed=4)
    assert hold_out(other, CLASSES, 0.25) != hold_out(draw_split(CLASSES, label_ratio=1.0, seed=5), CLASSES, 0.25)


def test_a_share_of_0_keeps_none_and_a_small_one_keeps_one() -> None:
    assert hold_out(SPLIT, CLASSES, 0.0) == (list(SPLIT.labeled), [])
    assert len(hold_out(SPLIT, CLASSES, 0.001)[1]) == 1


@pytest.mark.parametrize("share", [1.0, -0.1])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"validation_share={share} is not a share; give 0 for none"):
        hold_out(SPLIT, CLASSES, share)


def test_a_class_without_an_example_to_train_on_is_refused() -> None:
    split = draw_split(CLASSES, labels_per_class=1, seed=0)
    with pytest.raises(ValueError, match=r"validation_share=0.5 leaves 3 of 5 labelled examples .* 5 are needed"):
        hold_out(split, CLASSES, 0.5)


def test_a_split_of_words_finds_its_sentences_in_another_order(tmp_path: Path) -> None:
    rows = [([f"w{number}", "slept"], ["B-PER" if number % 2 else "B-LOC", "O"]) for number in range(12)]
    other = [*rows[1:], (["Eva", "slept"], ["B-PER", "O"])]
    data, turned, changed = (
        from_columns({"tokens": [row[0] for row in some], "ner_tags": [row[1] for row in some]})
        for some in (rows, rows[::-1], other)
    )
    source, file = WordDataArguments(), str(tmp_path / "first" / "split.json")
    first = split_word_data(data, BudgetArguments(label_ratio=0.5), source, tmp_path / "first")
    again = split_word_data(turned, BudgetArguments(split_file=file), source, tmp_path / "again")
    assert sorted(again.labeled["tokens"]) == sorted(first.labeled["tokens"])
    assert again.split.hash == first.split.hash
    with pytest.raises(ValueError, match=r"1 are not there now .* and 1 are new \(such as the sentence 'Eva slept'"):
        split_word_data(changed, BudgetArguments(split_file=file), source, tmp_path / "other")
