"""What is refused before training starts, as far as no trainer is needed to see it."""

from types import SimpleNamespace

import pytest

from hf_selftuning.training.checks import check_problem
from hf_selftuning.training.dataset_checks import check_datasets


def test_an_empty_labelled_set_is_refused() -> None:
    with pytest.raises(ValueError, match=r"train_dataset is empty, .*; label some examples first"):
        check_datasets([], [1, 2], [], 1)


def test_an_unlabelled_set_smaller_than_a_step_is_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="unlabeled_dataset has 3 examples and a step takes 4; lower"):
        check_datasets([1], [1, 2, 3], [], 4)
    check_datasets([1], [1, 2, 3, 4], [], 4)


def test_a_model_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="num_labels=1, but a classifier needs two classes or more"):
        check_problem(SimpleNamespace(config=SimpleNamespace(num_labels=1)))
    check_problem(SimpleNamespace(config=SimpleNamespace(num_labels=2)))
