import warnings

import numpy as np
import pytest
from transformers import EvalPrediction

from hf_selftuning.metrics import accuracy_scores, entity_scores

NAMES = ["O", "B-PER", "I-PER", "B-LOC"]
LABELS = np.array([[-100, 1, 2, 0, 3, -100], [-100, 3, -100, 0, -100, -100]])


def logits(best):
    return np.eye(len(NAMES))[best]


def test_a_perfect_tagger_scores_one_everywhere():
    scores = entity_scores(NAMES)(EvalPrediction(logits(np.maximum(LABELS, 0)), LABELS))
    assert scores == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "accuracy": 1.0}


def test_one_of_three_entities_cut_in_half_is_wrong():
    best = np.maximum(LABELS, 0)
    best[0, 2] = 0
    scores = entity_scores(NAMES)(EvalPrediction(logits(best), LABELS))
    assert scores == pytest.approx({"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "accuracy": 5 / 6})


def test_the_best_class_may_have_been_taken_before():
    best = np.maximum(LABELS, 0)
    scores = entity_scores(NAMES)(EvalPrediction(best, LABELS))
    assert scores["f1"] == 1.0


def test_the_first_of_several_outputs_is_the_prediction():
    best = logits(np.maximum(LABELS, 0))
    assert entity_scores(NAMES)(EvalPrediction((best, np.zeros(3)), LABELS))["f1"] == 1.0


def test_an_entity_beyond_the_cut_costs_recall_and_not_precision():
    tags = [["B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "O", "B-PER"]]
    scores = entity_scores(NAMES, tags)(EvalPrediction(logits(np.maximum(LABELS, 0)), LABELS))
    assert scores == pytest.approx({"precision": 1.0, "recall": 3 / 4, "f1": 6 / 7, "accuracy": 6 / 7})


def test_nothing_predicted_scores_zero_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = entity_scores(NAMES)(EvalPrediction(logits(np.zeros_like(LABELS)), LABELS))
        assert scores["f1"] == scores["precision"] == scores["recall"] == 0.0
        accuracy_scores()(EvalPrediction(np.eye(3)[[0, 0]], np.array([1, 2])))


def test_another_number_of_sentences_is_refused():
    with pytest.raises(ValueError, match="predicted 2 sentences, and 1 lists of tags were given"):
        entity_scores(NAMES, [["O"]])(EvalPrediction(logits(np.maximum(LABELS, 0)), LABELS))


def test_more_predictions_than_words_are_refused():
    tags = [["O"], ["O", "O"]]
    with pytest.raises(ValueError, match="Sentence 0 has 4 predicted words, and 1 tags were given"):
        entity_scores(NAMES, tags)(EvalPrediction(logits(np.maximum(LABELS, 0)), LABELS))


def test_accuracy_and_macro_f1_of_three_images():
    # Class 0: precision 1/2, recall 1; class 1: precision 1, recall 1/2; both F1 2/3.
    evaluated = EvalPrediction((np.eye(2)[[0, 0, 1]],), np.array([0, 1, 1]))
    assert accuracy_scores()(evaluated) == pytest.approx({"accuracy": 2 / 3, "f1": 2 / 3})
