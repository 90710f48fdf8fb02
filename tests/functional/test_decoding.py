"""Viterbi against all sequences, counted one by one."""

import itertools

import pytest
import torch

from hf_selftuning.functional.decoding import best_legal_tags, legal_tags

NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def is_legal(tags: tuple[str, ...]) -> bool:
    return all(
        not tag.startswith("I-") or (before != "O" and before[2:] == tag[2:])
        for before, tag in zip(("O", *tags[:-1]), tags, strict=True)
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_path_is_the_best_of_all_legal_ones(seed: int) -> None:
    lengths = [4, 1, 3]
    logits = 2 * torch.randn(3, 4, len(NAMES), generator=torch.Generator().manual_seed(seed))
    scores = logits.log_softmax(2)
    words = torch.arange(4) < torch.tensor(lengths)[:, None]
    found = best_legal_tags(scores, words, *legal_tags(NAMES))
    for row, length in enumerate(lengths):
        paths = [
            path
            for path in itertools.product(range(len(NAMES)), repeat=length)
            if is_legal(tuple(NAMES[i] for i in path))
        ]
        best = max(paths, key=lambda path: sum(float(scores[row, place, tag]) for place, tag in enumerate(path)))
        assert found[row, :length].tolist() == list(best)
        assert not found[row, length:].any()


def test_what_is_legal_already_stays() -> None:
    tags = torch.tensor([[1, 2, 2, 0, 3, 1]])
    scores = torch.nn.functional.one_hot(tags, len(NAMES)).float().log_softmax(2)
    assert torch.equal(best_legal_tags(scores, torch.ones(1, 6, dtype=torch.bool), *legal_tags(NAMES)), tags)


def test_names_without_a_scheme_are_all_legal() -> None:
    first, follows = legal_tags(["NOUN", "VERB", "O"])
    assert first.all()
    assert follows.all()


def test_an_inside_tag_follows_its_own_type_only() -> None:
    first, follows = legal_tags(NAMES)
    assert first.tolist() == [True, True, False, True, False]
    assert follows[:, 2].tolist() == [False, True, True, False, False]
