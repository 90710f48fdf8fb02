"""The part of the labels that is kept for validation."""

from collections import Counter

import pytest

from hf_selftuning.data.splits import draw_split
from hf_selftuning.experiment.setup.parts import hold_out

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
