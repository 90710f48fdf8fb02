"""Tags of whole sentences from what a model says of each word: the most probable tag of each, or the legal ones."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch.nn.utils.rnn import pad_sequence

from ..data.words.tag_schemes import OUTSIDE, UnknownTagError, recognise
from ..functional.decoding import Legal, Mark, best_legal_tags, legal_tags

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
    legal = scheme_of(names)
    found: list[list[int]] = [[] for _ in logits]
    order = sorted((place for place, rows in enumerate(logits) if len(rows)), key=lambda place: len(logits[place]))
    for start in range(0, len(order), AT_ONCE):
        places = order[start : start + AT_ONCE]
        for place, tags in zip(places, _decoded([logits[place] for place in places], legal), strict=True):
            found[place] = tags
    return found


def scheme_of(names: Sequence[str]) -> Legal:
    """Which tags may stand where, for the names of a model's tags.

    Names without marks, such as NOUN, and those that mix schemes allow every sequence.
    """
    free: list[Mark | None] = [None] * len(names)
    try:
        scheme = recognise(dict.fromkeys(names, 1))
    except UnknownTagError:
        return legal_tags(free)
    if scheme.name in ("without prefix", "one class a word"):
        return legal_tags(free)
    marks = [None if name == OUTSIDE else scheme.split(name) for name in names]
    return legal_tags([None if mark is None or mark[0] == OUTSIDE else mark for mark in marks])


def _decoded(sentences: Sequence[np.ndarray], legal: Legal) -> list[list[int]]:
    scores = pad_sequence([torch.as_tensor(rows).float() for rows in sentences], batch_first=True)
    lengths = torch.tensor([len(rows) for rows in sentences])
    words = torch.arange(scores.shape[1]) < lengths[:, None]
    tags = best_legal_tags(scores.log_softmax(2), words, legal).tolist()
    return [row[:length] for row, length in zip(tags, lengths.tolist(), strict=True)]
