"""Viterbi against all sequences, counted one by one."""

import itertools
from collections.abc import Sequence

import pytest
import torch

from hf_selftuning.functional.decoding import Mark, best_legal_tags, legal_tags

IOB2 = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IOBES = ["O", "B-PER", "I-PER", "E-PER", "S-PER", "S-LOC"]
BILOU = ["L-PER", "O", "U-PER", "B-PER", "I-PER"]
BMES = ["B-PER", "M-PER", "E-PER", "S-PER", "O"]


def marks_of(names: Sequence[str]) -> list[Mark | None]:
    return [None if name == "O" else (name[0], name[2:]) for name in names]


def is_legal(tags: Sequence[str], *, closes: bool) -> bool:
    """Read word by word, with the type of the entity that is open."""
    inside = ""
    for tag in tags:
        mark, _, kind = tag.partition("-")
        if mark in "IMEL" and inside != kind:
            return False
        if mark not in "IMEL" and closes and inside:
            return False
        inside = kind if mark in "BIM" else ""
    return not (closes and inside)


@pytest.mark.parametrize("names", [IOB2, IOBES, BILOU, BMES], ids=["IOB2", "IOBES", "BILOU", "BMES"])
@pytest.mark.parametrize("seed", range(3))
def test_the_path_is_the_best_of_all_legal_ones(names: list[str], seed: int) -> None:
    lengths, closes = [4, 1, 3], names != IOB2
    logits = 2 * torch.randn(3, 4, len(names), generator=torch.Generator().manual_seed(seed))
    scores = logits.log_softmax(2)
    words = torch.arange(4) < torch.tensor(lengths)[:, None]
    found = best_legal_tags(scores, words, legal_tags(marks_of(names)))
    for row, length in enumerate(lengths):
        paths = [
            path
            for path in itertools.product(range(len(names)), repeat=length)
            if is_legal([names[i] for i in path], closes=closes)
        ]
        best = max(paths, key=lambda path: sum(float(scores[row, place, tag]) for place, tag in enumerate(path)))
        assert found[row, :length].tolist() == list(best)
        assert not found[row, length:].any()


def test_what_is_legal_already_stays() -> None:
    tags = torch.tensor([[1, 2, 2, 0, 3, 1]])
    scores = torch.nn.functional.one_hot(tags, len(IOB2)).float().log_softmax(2)
    assert torch.equal(best_legal_tags(scores, torch.ones(1, 6, dtype=torch.bool), legal_tags(marks_of(IOB2))), tags)


def test_a_long_sentence_without_a_legal_path_still_has_tags() -> None:
    scores = torch.zeros(1, 400, 1)
    found = best_legal_tags(scores, torch.ones(1, 400, dtype=torch.bool), legal_tags([("I", "PER")]))
    assert found.tolist() == [[0] * 400]


def test_an_inside_tag_follows_its_own_type_only() -> None:
    legal = legal_tags(marks_of(IOB2))
    assert legal.first.tolist() == [True, True, False, True, False]
    assert legal.follows[:, 2].tolist() == [False, True, True, False, False]
    assert legal.last.all()


def test_an_entity_with_a_closing_mark_must_be_closed() -> None:
    legal = legal_tags(marks_of(IOBES))
    assert legal.follows[1].tolist() == [False, False, True, True, False, False]
    assert legal.last.tolist() == [True, False, False, True, True, True]
