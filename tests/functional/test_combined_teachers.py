"""Two teachers, averaged and counted by hand."""

import pytest
import torch

from hf_selftuning.functional.combined_teachers import agreement, combine

# Two rows, two teachers, three classes: the teachers agree on the first row and dispute the second.
SAID = torch.tensor([[[0.8, 0.1, 0.1], [0.6, 0.3, 0.1]], [[0.9, 0.1, 0.0], [0.3, 0.5, 0.2]]])


def test_two_teachers_are_averaged() -> None:
    torch.testing.assert_close(combine(SAID, "average"), torch.tensor([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1]]))


def test_a_vote_is_the_share_of_teachers_that_choose_a_class() -> None:
    assert combine(SAID, "vote").tolist() == [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]


def test_one_teacher_that_votes_gives_hard_labels() -> None:
    assert combine(SAID[:, 1:], "vote").tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_a_temperature_makes_the_average_harder() -> None:
    squares = torch.tensor([0.49, 0.04, 0.01])
    torch.testing.assert_close(combine(SAID, "average", temperature=0.5)[0], squares / squares.sum())


def test_the_agreement_is_the_share_of_teachers_that_choose_the_label() -> None:
    assert agreement(SAID, torch.tensor([0, 0])).tolist() == [1.0, 0.5]
    assert agreement(SAID, torch.tensor([1, 1])).tolist() == [0.0, 0.5]


def test_half_precision_that_rounds_to_zero_stays_finite() -> None:
    sure = torch.tensor([[[1.0, 0.0, 0.0]]]).half()
    assert combine(sure, "average", temperature=0.5).tolist()[0][0] == pytest.approx(1.0)
