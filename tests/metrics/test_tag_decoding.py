"""Tags of whole sentences: windows are joined before, whatever the tags' scheme."""

import numpy as np
import pytest
from transformers import EvalPrediction

from hf_selftuning.metrics import decode_tags, entity_scores, word_tags

NAMES = ["O", "B-PER", "I-PER"]


def says(*words: list[float]) -> np.ndarray:
    return np.array(words, dtype=np.float32).reshape(-1, len(NAMES))


SURE_O, SURE_B, SURE_I = [5.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 5.0]
I_OR_B, I_OR_O = [0.0, 2.0, 3.0], [2.0, 0.0, 3.0]


def test_sentences_of_different_lengths_keep_their_order() -> None:
    logits = [says(SURE_O, I_OR_B, SURE_I), says(), says(I_OR_O), says(SURE_B, I_OR_O)]
    assert decode_tags(logits, NAMES, "argmax") == [[0, 2, 2], [], [2], [1, 2]]
    assert decode_tags(logits, NAMES, "legal") == [[0, 1, 2], [], [0], [1, 2]]


@pytest.mark.parametrize("names", [["NOUN", "VERB", "X"], ["O", "PER", "LOC"], ["B-PER", "I-PER", "misc"]])
def test_names_without_marks_allow_every_sequence(names: list[str]) -> None:
    logits = [says(I_OR_B, I_OR_O, SURE_B)]
    assert decode_tags(logits, names, "legal") == decode_tags(logits, names, "argmax")


@pytest.mark.parametrize("names", [["O", "PER-B", "PER-I"], ["o", "b-per", "i-per"], ["O", "B", "I"]])
def test_other_spellings_of_the_marks_are_known(names: list[str]) -> None:
    assert decode_tags([says(I_OR_B, I_OR_O)], names, "legal") == [[1, 2]]


def test_an_entity_that_crosses_two_windows_is_decoded_as_one() -> None:
    labels = np.array([[0, 0, -100], [0, 0, -100]])
    logits = np.stack([says(SURE_O, SURE_B, SURE_O), says(I_OR_B, SURE_O, SURE_O)])
    tags = [["O", "B-PER", "I-PER", "O"]]
    assert word_tags(EvalPrediction(logits, labels), NAMES, tags, decoding="legal")[0] == tags
    apart = [["O", "B-PER"], ["I-PER", "O"]]
    assert word_tags(EvalPrediction(logits, labels), NAMES, apart, decoding="legal")[0] == [
        ["O", "B-PER"],
        ["B-PER", "O"],
    ]


def test_best_classes_alone_cannot_be_decoded() -> None:
    labels = np.array([[1, 2]])
    scores = entity_scores(NAMES, decoding="legal")
    assert scores(EvalPrediction(np.stack([says(SURE_B, SURE_I)]), labels))["f1"] == 1.0
    with pytest.raises(ValueError, match="needs the logits of each word, and the predictions are the best classes"):
        scores(EvalPrediction(labels, labels))


def test_an_unknown_decoding_is_refused() -> None:
    with pytest.raises(ValueError, match="decoding='crf' is unknown; give argmax or legal"):
        decode_tags([], NAMES, "crf")  # type: ignore[arg-type]
