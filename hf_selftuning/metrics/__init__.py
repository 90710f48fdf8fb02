"""Scores for `compute_metrics`, by modules of `evaluate`, and counts for each test item; nothing is downloaded."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from seqeval.metrics.sequence_labeling import get_entities
from transformers import EvalPrediction

from .accuracy.accuracy import Accuracy
from .entity_f1.entity_f1 import EntityF1
from .metric_modules import Metric as Metric
from .metric_modules import all_scores as all_scores
from .metric_modules import load_metrics as load_metrics
from .metric_modules import try_scores as try_scores
from .sentence_tags import first_array as first_array
from .sentence_tags import word_tags as word_tags
from .tag_decoding import DECODINGS as DECODINGS
from .tag_decoding import Decoding as Decoding
from .tag_decoding import decode_tags as decode_tags

Scores = Callable[[EvalPrediction], dict[str, float]]
Counts = Int[np.ndarray, "n 3"]
"""For each item: the numbers of correct, predicted and expected entities, or classes."""


def entity_scores(
    label_names: Sequence[str],
    tags: Sequence[Sequence[str]] | None = None,
    *,
    more: Sequence[Metric] = (),
    decoding: Decoding = "argmax",
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
        decoding: `argmax`, the most probable tag of each word, or `legal`, the most probable legal sequence of tags.
    """
    module = EntityF1(keep_in_memory=True)

    def compute_metrics(evaluated: EvalPrediction) -> dict[str, float]:
        predicted, given = word_tags(evaluated, label_names, tags, decoding=decoding)
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


def _best(evaluated: EvalPrediction) -> np.ndarray:
    # `preprocess_logits_for_metrics` may have taken the best class already.
    predictions, labels = first_array(evaluated.predictions), first_array(evaluated.label_ids)
    return predictions if predictions.ndim == labels.ndim else predictions.argmax(axis=-1)


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
