"""Viterbi against all sequences, counted one by one."""

import itertools
import math
from collections.abc import Sequence

import pytest
import torch

from hf_selftuning.functional.decoding import Mark, best_legal_tags, legal_marginals, legal_tags

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


@pytest.mark.parametrize("names", [IOB2, IOBES, BILOU, BMES], ids=["IOB2", "IOBES", "BILOU", "BMES"])
@pytest.mark.parametrize("seed", range(3))
def test_the_marginals_are_sums_over_all_legal_sequences(names: list[str], seed: int) -> None:
    lengths, closes = [4, 1, 3], names != IOB2
    given = (2 * torch.randn(3, 4, len(names), generator=torch.Generator().manual_seed(seed))).softmax(2)
    words = torch.arange(4) < torch.tensor(lengths)[:, None]
    found = legal_marginals(given, words, legal_tags(marks_of(names)))
    for row, length in enumerate(lengths):
        sums = torch.zeros(length, len(names), dtype=torch.double)
        for path in itertools.product(range(len(names)), repeat=length):
            if is_legal([names[i] for i in path], closes=closes):
                share = math.prod(float(given[row, place, tag]) for place, tag in enumerate(path))
                for place, tag in enumerate(path):
                    sums[place, tag] += share
        expected = (sums / sums.sum(1, keepdim=True)).float()
        assert torch.allclose(found[row, :length], expected, atol=1e-6)
        assert torch.equal(found[row, length:], given[row, length:])


def test_marginals_of_a_long_sentence_do_not_vanish() -> None:
    given = torch.full((1, 5_000, 5), 1e-3)
    given[:, :, 0] = 1 - 4e-3
    found = legal_marginals(given, torch.ones(1, 5_000, dtype=torch.bool), legal_tags(marks_of(IOB2)))
    assert torch.allclose(found.sum(2), torch.ones(1, 5_000))
    assert found[0, 0].tolist()[2] == found[0, 0].tolist()[4] == 0


def test_marginals_keep_their_precision_under_autocast() -> None:
    given = torch.randn(2, 6, len(IOB2), generator=torch.Generator().manual_seed(0)).softmax(2)
    words, legal = torch.ones(2, 6, dtype=torch.bool), legal_tags(marks_of(IOB2))
    with torch.autocast("cpu", torch.bfloat16):
        found = legal_marginals(given, words, legal)
    assert torch.equal(found, legal_marginals(given, words, legal))


def test_marginals_without_a_legal_sequence_are_what_was_given() -> None:
    given = torch.tensor([[[0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]])  # I-PER I-LOC, and nothing else
    assert torch.equal(legal_marginals(given, torch.ones(1, 2, dtype=torch.bool), legal_tags(marks_of(IOB2))), given)


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
