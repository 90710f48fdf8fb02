"""The tags that a trained model gives to the words of a part, by every decoding."""

import numpy as np
from datasets import Dataset
from transformers import EvalPrediction, Trainer

from ...core.task import IGNORED
from ...data.piece_lengths import by_length
from ...data.words.window_joining import without_joining
from ...data.words.word_data import WordData
from ...metrics import DECODINGS, Decoding, first_array, word_tags


def with_shown_words(part: Dataset) -> Dataset:
    """The sentences with a placeholder as the tag of each hidden word, so that the model's answer to it is read.

    `predict` decodes whole sentences and does not know which words are hidden. A score must read the same sentences.
    """
    rows = part["ner_tags"]
    if not any(IGNORED in row for row in rows):
        return part
    shown = [[0 if tag == IGNORED else tag for tag in row] for row in rows]
    return part.remove_columns("ner_tags").add_column("ner_tags", shown).cast(part.features)


def tags_by_decoding(
    trainer: Trainer, part: Dataset, encoded: Dataset, data: WordData, own: Decoding
) -> dict[str, list[list[str]]]:
    """The tags of each sentence by every decoding, without those of hidden words; the windows are joined.

    Args:
        trainer: of the model.
        part: the sentences.
        encoded: the same sentences in word pieces, their hidden words shown.
        data: names the tags.
        own: the decoding that comes first.
    """
    shown = with_shown_words(part)
    rows, tags = _answered(trainer, encoded), data.tags_of(shown)
    hidden = None if shown is part else part["ner_tags"]
    found = {}
    for decoding in sorted(DECODINGS, key=lambda one: one != own):
        predicted, _ = word_tags(rows, data.tag_names, tags, decoding=decoding)
        found[str(decoding)] = predicted if hidden is None else _without(predicted, hidden)
    return found


def _answered(trainer: Trainer, encoded: Dataset) -> EvalPrediction:
    """Logits and labels of each row, in the order of the encoded part."""
    order = by_length(encoded)
    trainer.compute_metrics = None  # the counts are made elsewhere, and `predict` would score the same rows again
    found = trainer.predict(without_joining(encoded).select(order))
    assert found.label_ids is not None
    back = np.argsort(order)
    return EvalPrediction(first_array(found.predictions)[back], first_array(found.label_ids)[back])


def _without(predicted: list[list[str]], given: list[list[int]]) -> list[list[str]]:
    """The predictions for the words that are not hidden."""
    pairs = zip(predicted, given, strict=True)
    return [[name for name, tag in zip(names, row, strict=True) if tag != IGNORED] for names, row in pairs]
