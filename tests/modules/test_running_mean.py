"""Running means: one move a step, however the step is cut."""

import torch

from hf_selftuning.modules.running_mean import RunningMean, uniform


def test_it_moves_by_the_mean_of_all_rows_of_the_step() -> None:
    running = RunningMean(torch.tensor([1.0, 0.0]), 0.9)
    running.observe(torch.tensor([[0.0, 1.0], [0.0, 3.0]]))
    running.observe(torch.tensor([[0.0, 2.0]]))
    torch.testing.assert_close(running.value, torch.tensor([1.0, 0.0]), msg="before the step is over nothing moves")
    running.settle(1)
    torch.testing.assert_close(running.value, torch.tensor([0.9, 0.2]))


def test_a_step_without_rows_leaves_it_where_it_is() -> None:
    running = RunningMean(uniform(4), 0.5)
    running.observe(torch.zeros(0, 4))
    running.settle(1)
    running.settle(1)
    torch.testing.assert_close(running.value, uniform(4))


def test_a_forgotten_step_has_left_nothing() -> None:
    running = RunningMean(torch.tensor(0.25), 0.5)
    running.observe(torch.ones(3))
    running.forget()
    running.observe(torch.zeros(2))
    running.settle(1)
    torch.testing.assert_close(running.value, torch.tensor(0.125))


def test_two_that_start_from_one_tensor_do_not_share_it() -> None:
    start = uniform(2)
    first, second = RunningMean(start, 0.0), RunningMean(start, 0.0)
    first.observe(torch.tensor([[1.0, 0.0]]))
    first.settle(1)
    torch.testing.assert_close(second.value, uniform(2))
