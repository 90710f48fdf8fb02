"""Legal sequences of tags: the best one, and each tag's share of all. Shapes: b sentences, l words, c tags."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

Mark = tuple[str, str]
"""How a tag marks a word, and the type of the entity: `B-PER` is ("B", "PER")."""
OPENING, CLOSING = "BSUW", "ELSUW"
"""Marks of words that open an entity, and of words that close one; those of one word alone do both."""


class Legal(NamedTuple):
    """Which tags may stand where.

    Args:
        first: the tags that may begin a sentence (c,).
        follows: the tags (columns) that may follow each tag (rows) (c, c).
        last: the tags that may end a sentence (c,).
    """

    first: Bool[Tensor, "c"]
    follows: Bool[Tensor, "c c"]
    last: Bool[Tensor, "c"]


def legal_tags(marks: Sequence[Mark | None]) -> Legal:
    """Which tags may stand where, by their marks.

    A word inside an entity (I, M, E or L) continues one of its own type. In a scheme whose entities have a closing
    mark (E, L, S, U or W), an entity that was opened must also be closed, and by its own type. In IOB2 it ends where
    no I- follows.

    Args:
        marks: mark and type of each tag by index; None for a tag outside of any entity.
    """
    closes = any(mark is not None and mark[0] in CLOSING for mark in marks)
    opens = [mark is not None and mark[0] in OPENING for mark in marks]
    inside = [mark is not None and not begins for mark, begins in zip(marks, opens, strict=True)]
    open_after = [mark is not None and mark[0] not in CLOSING for mark in marks]

    def may_follow(before: int, here: int) -> bool:
        if inside[here]:
            return open_after[before] and marks[before][1] == marks[here][1]  # type: ignore[index]
        return not (closes and open_after[before])

    tags = range(len(marks))
    follows = torch.tensor([[may_follow(before, here) for here in tags] for before in tags])
    return Legal(~torch.tensor(inside), follows, ~(torch.tensor(open_after) & closes))


def padded(sentences: Sequence[Float[Tensor, "_ c"]]) -> tuple[Float[Tensor, "b l c"], Bool[Tensor, "b l"]]:
    """Sentences of different lengths in one tensor, in float32, and which of its positions are words."""
    values = pad_sequence([rows.float() for rows in sentences], batch_first=True)
    lengths = torch.tensor([len(rows) for rows in sentences], device=values.device)
    return values, torch.arange(values.shape[1], device=values.device) < lengths[:, None]


def best_legal_tags(
    log_probabilities: Float[Tensor, "b l c"], words: Bool[Tensor, "b l"], legal: Legal
) -> Int[Tensor, "b l"]:
    """The legal tags of each sentence with the greatest sum of log probabilities (Viterbi, IEEE Trans. IT 1967).

    Args:
        log_probabilities: of each tag, for each word.
        words: which positions are words; they come first, then padding, whose tag is 0.
        legal: which tags may stand where.
    """
    scores = log_probabilities.float()
    never = torch.finfo(scores.dtype).min / 4  # finite, so that a sum of three stays a number

    def cost(allowed: Tensor) -> Tensor:
        return torch.where(allowed, 0.0, never).to(scores)

    steps, best = cost(legal.follows), scores[:, 0] + cost(legal.first)
    stay = torch.arange(scores.shape[2], device=scores.device)
    back = []
    for place in range(1, scores.shape[1]):
        reached, before = (best[:, :, None] + steps).max(1)
        here = words[:, place, None]
        back.append(torch.where(here, before, stay))
        best = torch.where(here, (reached + scores[:, place]).clamp(min=never), best)
    path = [(best + cost(legal.last)).argmax(1)]
    for before in reversed(back):
        path.append(before.gather(1, path[-1][:, None])[:, 0])
    return torch.stack(path[::-1], dim=1) * words


def legal_marginals(
    probabilities: Float[Tensor, "b l c"], words: Bool[Tensor, "b l"], legal: Legal
) -> Float[Tensor, "b l c"]:
    """The probability of each tag of each word, given that the whole sentence is legal (forward-backward algorithm).

    q_i(t) = sum of prod_j p_j(y_j) over the legal sequences y with y_i = t, divided by that sum over all legal
    sequences. Words of which no legal sequence has any probability keep what they had.

    Args:
        probabilities: of each tag, for each word, as a model says that knows nothing of the tags beside.
        words: which positions are words; they come first, then padding, which stays as it is.
        legal: which tags may stand where.
    """
    given = probabilities.float()
    follows, last = legal.follows.to(given), legal.last.to(given)
    real = words[:, :, None]
    ends = real & ~torch.cat([real[:, 1:], torch.zeros_like(real[:, :1])], dim=1)
    reached = [_shares(given[:, 0] * legal.first.to(given))]
    for place in range(1, given.shape[1]):
        # A product and a sum, because autocast would lower the precision of a matrix product.
        reached.append(_shares((reached[-1][:, :, None] * follows).sum(1) * given[:, place]))
    onward = [last.expand_as(given[:, 0])]
    for place in range(given.shape[1] - 1, 0, -1):
        after = _shares((follows * (given[:, place] * onward[-1])[:, None]).sum(2))
        onward.append(torch.where(ends[:, place - 1], last, after))
    found = torch.stack(reached, dim=1) * torch.stack(onward[::-1], dim=1)
    kept = real & (found.sum(2, keepdim=True) > 0)
    return torch.where(kept, _shares(found), given)


def _shares(values: Float[Tensor, "*n c"]) -> Float[Tensor, "*n c"]:
    """Divided by their sum, which keeps long products from vanishing; zeros stay."""
    return values / values.sum(-1, keepdim=True).clamp(min=torch.finfo(values.dtype).tiny)
