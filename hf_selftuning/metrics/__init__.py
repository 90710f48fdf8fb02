"""Scores for `compute_metrics`, by modules of `evaluate`, and counts for each test item; nothing is downloaded."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from seqeval.metrics.sequence_labeling import get_entities
from transformers import EvalPrediction

from ..core.task import IGNORED
from .accuracy.accuracy import Accuracy
from .entity_f1.entity_f1 import EntityF1
from .metric_modules import Metric as Metric
from .metric_modules import all_scores as all_scores
from .metric_modules import load_metrics as load_metrics
from .metric_modules import try_scores as try_scores

Scores = Callable[[EvalPrediction], dict[str, float]]
Counts = Int[np.ndarray, "n 3"]
"""For each item: the numbers of correct, predicted and expected entities, or classes."""


def entity_scores(
    label_names: Sequence[str], tags: Sequence[Sequence[str]] | None = None, *, more: Sequence[Metric] = ()
) -> Scores:
    """A `compute_metrics` that returns precision, recall and F1 over entities, and accuracy over words.

    The metric `hf_selftuning/metrics/entity_f1` computes them.

    Args:
        label_names: names of the tags by index.
        tags: all tags of the evaluated sentences, in their order. With them, a word that was cut off counts as
            predicted 'O', so a missed entity there lowers recall. Without them, such words are not scored. With them,
            windows of a sentence, in their order, also count as one sentence; `SelfTuningTrainer` joins such windows
            in any case.
        more: further metrics; their scores have their names.
    """
    module = EntityF1(keep_in_memory=True)

    def compute_metrics(evaluated: EvalPrediction) -> dict[str, float]:
        predicted, given = word_tags(evaluated, label_names, tags)
        scores = module.compute(predictions=predicted, references=given)
        return {**scores, **all_scores(more, predicted, given)}

    return compute_metrics


def accuracy_scores(*, more: Sequence[Metric] = ()) -> Scores:
    """A `compute_metrics` that returns accuracy and the unweighted mean of the classes' F1.

    The metric `hf_selftuning/metrics/accuracy` computes them.

    Args:
        more: further metrics; their scores have their names.
    """
    module = Accuracy(keep_in_memory=True)

    def compute_metrics(evaluated: EvalPrediction) -> dict[str, float]:
        predicted, given = _best(evaluated), first_array(evaluated.label_ids)
        scores = module.compute(predictions=predicted, references=given)
        return {**scores, **all_scores(more, predicted.tolist(), given.tolist())}

    return compute_metrics


def first_array(arrays: np.ndarray | tuple[np.ndarray, ...]) -> np.ndarray:
    """The array, or the first of several that a model returned."""
    return arrays[0] if isinstance(arrays, tuple) else arrays


def _best(evaluated: EvalPrediction) -> np.ndarray:
    # `preprocess_logits_for_metrics` may have taken the best class already.
    predictions, labels = first_array(evaluated.predictions), first_array(evaluated.label_ids)
    return predictions if predictions.ndim == labels.ndim else predictions.argmax(axis=-1)


def word_tags(
    evaluated: EvalPrediction, label_names: Sequence[str], tags: Sequence[Sequence[str]] | None = None
) -> tuple[list[list[str]], list[list[str]]]:
    """The predicted and the given tags, one list for each sentence.

    Args:
        evaluated: logits or best classes, and labels.
        label_names: names of the tags by index.
        tags: as in `entity_scores`; without them, the given tags are those of the labelled positions.

    Raises:
        ValueError: `tags` do not belong to the evaluated sentences.
    """
    predicted: list[list[str]] = []
    given: list[list[str]] = []
    for best, labels in zip(_best(evaluated), first_array(evaluated.label_ids), strict=True):
        words = labels != IGNORED
        predicted.append([label_names[index] for index in best[words]])
        given.append([label_names[index] for index in labels[words]])
    if tags is None:
        return predicted, given
    return _pad(_joined(predicted, tags), tags), [list(sentence) for sentence in tags]


def _joined(rows: list[list[str]], tags: Sequence[Sequence[str]]) -> list[list[str]]:
    """Predictions of whole sentences: rows follow each other until the sentence has a prediction for each tag.

    Raises:
        ValueError: the rows do not end where a sentence does.
    """
    if len(rows) <= len(tags):
        return rows
    left = iter(rows)
    found = []
    for full in tags:
        sentence: list[str] = []
        while len(sentence) < len(full) and (row := next(left, None)) is not None:
            sentence += row
        found.append(sentence)
    if any(len(row) != len(full) for row, full in zip(found, tags, strict=True)) or any(left):
        raise ValueError(
            f"The model predicted {len(rows)} sentences, and {len(tags)} lists of tags were given; "
            "give the tags of the sentences that are evaluated."
        )
    return found


def _pad(predicted: list[list[str]], tags: Sequence[Sequence[str]]) -> list[list[str]]:
    """Predict 'O' for the words at the end that the model never saw."""
    if len(predicted) != len(tags):
        raise ValueError(
            f"The model predicted {len(predicted)} sentences, and {len(tags)} lists of tags were given; "
            "give the tags of the sentences that are evaluated."
        )
    padded = []
    for number, (row, full) in enumerate(zip(predicted, tags, strict=True)):
        if len(row) > len(full):
            raise ValueError(
                f"Sentence {number} has {len(row)} predicted words, and {len(full)} tags were given; "
                "give the tags in the order of the evaluated sentences."
            )
        padded.append([*row, *["O"] * (len(full) - len(row))])
    return padded


def score_of(counts: Int[np.ndarray, "*s n 3"]) -> Float[np.ndarray, "*s"]:
    """F1 over all items, 2 correct / (predicted + expected); 0 if nothing is expected and nothing was predicted.

    If every item has one predicted and one expected class, as an image has, this is accuracy.
    """
    return ratio(counts.sum(-2))


def ratio(totals: Float[np.ndarray, "*s 3"]) -> Float[np.ndarray, "*s"]:
    """F1 of sums of counts."""
    below = totals[..., 1] + totals[..., 2]
    return 2 * totals[..., 0] / np.where(below > 0, below, 1)


def class_counts(predicted: Sequence[int] | np.ndarray, expected: Sequence[int] | np.ndarray) -> Counts:
    """Counts of items that have one class each."""
    correct = np.asarray(predicted) == np.asarray(expected)
    return np.stack([correct.astype(np.int64), np.ones(len(correct), int), np.ones(len(correct), int)], axis=1)


def entity_counts(predicted: Sequence[list[str]], expected: Sequence[list[str]]) -> Counts:
    """Counts of the entities of each sentence, by seqeval; correct are those with the right type and both ends.

    Args:
        predicted: the tags of each sentence.
        expected: the true tags, of the same lengths.
    """
    rows = []
    for ours, theirs in zip(predicted, expected, strict=True):
        found, there = set(get_entities(ours)), set(get_entities(theirs))
        rows.append((len(found & there), len(found), len(there)))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)
