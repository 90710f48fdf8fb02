"""Counts of items give the scores of seqeval and scikit-learn, and sum over any part of the items."""

import numpy as np
import pytest
from seqeval.metrics import f1_score
from sklearn.metrics import accuracy_score

from hf_selftuning.metrics import class_counts, entity_counts, ratio, score_of

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def tagged(generator: np.random.Generator) -> list[list[str]]:
    return [[TAGS[i] for i in generator.integers(5, size=1 + k % 7)] for k in range(60)]


@pytest.mark.parametrize("seed", range(3))
def test_entities_counted_by_sentence_give_the_f1_of_seqeval(seed: int) -> None:
    generator = np.random.default_rng(seed)
    predicted, expected = tagged(generator), tagged(generator)
    counts = entity_counts(predicted, expected)
    assert float(score_of(counts)) == pytest.approx(f1_score(expected, predicted))
    assert float(score_of(counts[10:20])) == pytest.approx(f1_score(expected[10:20], predicted[10:20]))


def test_an_entity_is_correct_where_type_and_ends_are() -> None:
    expected = [["B-PER", "I-PER", "O"], ["B-LOC"], ["O"]]
    predicted = [["B-PER", "O", "B-LOC"], ["B-LOC"], ["O"]]
    assert entity_counts(predicted, expected).tolist() == [[0, 2, 1], [1, 1, 1], [0, 0, 0]]


def test_classes_give_the_accuracy_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    predicted, expected = generator.integers(3, size=(2, 50))
    assert float(score_of(class_counts(predicted, expected))) == pytest.approx(accuracy_score(expected, predicted))


def test_where_nothing_is_and_nothing_was_found_the_score_is_0() -> None:
    assert float(score_of(entity_counts([["O"]], [["O"]]))) == 0.0
    assert entity_counts([], []).shape == (0, 3)


def test_sums_of_several_runs_are_scored_at_once() -> None:
    totals = np.array([[3, 4, 6], [0, 0, 0], [2, 2, 2]])
    assert ratio(totals).tolist() == [0.6, 0.0, 1.0]
