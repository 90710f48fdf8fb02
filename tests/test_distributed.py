"""One process: the functions that speak to other ranks say nothing and change nothing."""

import torch

from hf_selftuning.distributed import gather_rows, sum_over_ranks, world_size


def test_one_process_is_a_world_of_one() -> None:
    assert world_size() == 1


def test_alone_the_sum_is_the_value() -> None:
    values = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(sum_over_ranks(values), torch.tensor([1.0, 2.0]))


def test_alone_the_rows_of_all_ranks_are_the_own_ones() -> None:
    rows = torch.arange(6).reshape(3, 2)
    torch.testing.assert_close(gather_rows(rows), torch.arange(6).reshape(3, 2))
    assert gather_rows(rows[:0]).shape == (0, 2)
