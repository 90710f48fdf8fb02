"""The best legal sequence of tags, as pure functions; letters in shapes: b sentences, l words, c tags."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def legal_tags(names: Sequence[str]) -> tuple[Bool[Tensor, "c"], Bool[Tensor, "c c"]]:
    """Which tags may begin a sentence, and which tag (column) may follow which (row), in IOB2.

    `I-X` continues an entity of type X, so it follows `B-X` or `I-X` only. Every other tag may stand anywhere.

    Args:
        names: names of the tags by index.
    """
    first = torch.tensor([not name.startswith("I-") for name in names])
    inside = torch.tensor(
        [
            [name.startswith("I-") and before[:2] in ("B-", "I-") and before[2:] == name[2:] for name in names]
            for before in names
        ]
    )
    return first, first | inside


def best_legal_tags(
    log_probabilities: Float[Tensor, "b l c"],
    words: Bool[Tensor, "b l"],
    first: Bool[Tensor, "c"],
    follows: Bool[Tensor, "c c"],
) -> Int[Tensor, "b l"]:
    """The legal tags of each sentence with the greatest sum of log probabilities (Viterbi, IEEE Trans. IT 1967).

    Args:
        log_probabilities: of each tag, for each word.
        words: which positions are words; they come first, then padding, whose tag is 0.
        first: the tags that may begin a sentence.
        follows: the tags (columns) that may follow each tag (rows).
    """
    scores = log_probabilities.float()
    never = torch.finfo(scores.dtype).min / 2  # finite, so that a sum of a few stays a number
    steps = torch.where(follows, 0.0, never).to(scores)
    best = scores[:, 0] + torch.where(first, 0.0, never).to(scores)
    stay = torch.arange(scores.shape[2], device=scores.device)
    back = []
    for place in range(1, scores.shape[1]):
        reached, before = (best[:, :, None] + steps).max(1)
        here = words[:, place, None]
        back.append(torch.where(here, before, stay))
        best = torch.where(here, reached + scores[:, place], best)
    path = [best.argmax(1)]
    for before in reversed(back):
        path.append(before.gather(1, path[-1][:, None])[:, 0])
    return torch.stack(path[::-1], dim=1) * words
