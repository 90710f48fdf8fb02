"""Tags of whole sentences from what a model says of each word: the most probable tag of each, or the legal ones."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float

from ..data.words.legal_order import legal_order
from ..functional.decoding import Legal, best_legal_tags, padded

Decoding = Literal["argmax", "legal"]
DECODINGS: tuple[Decoding, ...] = ("argmax", "legal")
"""`argmax`: the most probable tag of each word, which the pipeline of transformers gives. `legal`: the most probable
sequence of tags that the tags' scheme allows."""
AT_ONCE = 256
"""Sentences that are decoded in one batch; they have similar lengths."""


def decode_tags(
    logits: Sequence[Float[np.ndarray, "l c"]], names: Sequence[str], decoding: Decoding
) -> list[list[int]]:
    """The indices of the tags of each sentence.

    Args:
        logits: of the words of each sentence, its windows joined; the sentences have different lengths.
        names: names of the tags by index.
        decoding: one of `DECODINGS`.

    Raises:
        ValueError: there is no such decoding.
    """
    if decoding not in DECODINGS:
        raise ValueError(f"decoding={decoding!r} is unknown; give {' or '.join(DECODINGS)}.")
    if decoding == "argmax":
        return [rows.argmax(-1).tolist() for rows in logits]
    legal = legal_order(names)
    found: list[list[int]] = [[] for _ in logits]
    order = sorted((place for place, rows in enumerate(logits) if len(rows)), key=lambda place: len(logits[place]))
    for start in range(0, len(order), AT_ONCE):
        places = order[start : start + AT_ONCE]
        for place, tags in zip(places, _decoded([logits[place] for place in places], legal), strict=True):
            found[place] = tags
    return found


def _decoded(sentences: Sequence[np.ndarray], legal: Legal) -> list[list[int]]:
    scores, words = padded([torch.as_tensor(rows) for rows in sentences])
    tags = best_legal_tags(scores.log_softmax(2), words, legal).tolist()
    return [row[: len(rows)] for row, rows in zip(tags, sentences, strict=True)]
