"""The moving average against its formula, and what the copy shares with its source."""

import peft
import pytest
import torch
from torch import nn

from hf_selftuning.modules.ema import EmaCopy


def one_weight(value: float) -> nn.Linear:
    linear = nn.Linear(1, 1, bias=False)
    nn.init.constant_(linear.weight, value)
    return linear


def test_a_new_copy_equals_its_source() -> None:
    source = nn.Linear(3, 2)
    inputs = torch.randn(4, 3)
    torch.testing.assert_close(EmaCopy(source, 0.9)(inputs), source(inputs), rtol=0, atol=0)


def test_one_update_moves_a_tenth_of_the_way() -> None:
    source = one_weight(1.0)
    copy = EmaCopy(source, 0.9)
    nn.init.constant_(source.weight, 11.0)
    copy.update(0.9)
    torch.testing.assert_close(copy.module.weight.item(), 2.0)


@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.999, 1.0])
def test_after_k_updates_the_start_counts_momentum_to_the_k(momentum: float, steps: int) -> None:
    source = one_weight(4.0)
    copy = EmaCopy(source, 0.9)
    nn.init.constant_(source.weight, -2.0)
    for _ in range(steps):
        copy.update(momentum)
    expected = momentum**steps * 4.0 + (1 - momentum**steps) * -2.0
    torch.testing.assert_close(copy.module.weight.item(), expected, rtol=1e-5, atol=1e-6)


def test_an_update_leaves_the_source_alone() -> None:
    source = one_weight(1.0)
    copy = EmaCopy(source, 0.9)
    nn.init.constant_(source.weight, 3.0)
    copy.update(0.5)
    assert source.weight.item() == 3.0


def test_frozen_parameters_are_shared_and_trained_ones_are_not() -> None:
    source = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    source[0].requires_grad_(False)
    copy = EmaCopy(source, 0.9)
    assert copy.module[0].weight.data_ptr() == source[0].weight.data_ptr()
    assert copy.module[1].weight.data_ptr() != source[1].weight.data_ptr()


def test_an_update_moves_trained_parameters_and_leaves_shared_ones() -> None:
    source = nn.Sequential(one_weight(1.0), one_weight(1.0))
    source[0].requires_grad_(False)
    copy = EmaCopy(source, 0.9)
    nn.init.constant_(source[1].weight, 3.0)
    copy.update(0.5)
    assert copy.module[0].weight.item() == 1.0
    assert copy.module[1].weight.item() == 2.0


def test_under_lora_only_the_adapter_is_copied() -> None:
    base = nn.Sequential(nn.Linear(4, 4))
    source = peft.get_peft_model(base, peft.LoraConfig(r=2, target_modules=["0"]))
    copy = EmaCopy(source, 0.9)
    own = {name for (name, mine), theirs in zip(copy.module.named_parameters(), source.parameters(), strict=True)
           if mine is not theirs}  # fmt: skip
    assert own == {f"base_model.model.0.lora_{side}.default.weight" for side in "AB"}
    nn.init.ones_(source.base_model.model[0].lora_B.default.weight)
    copy.update(0.5)
    torch.testing.assert_close(copy.module.base_model.model[0].lora_B.default.weight, torch.full((4, 2), 0.5))


def test_a_source_that_is_all_frozen_may_be_updated() -> None:
    source = one_weight(1.0).requires_grad_(False)
    copy = EmaCopy(source, 0.9)
    copy.update(0.5)
    copy.restart()
    assert copy.module.weight is source.weight


def test_making_a_copy_leaves_the_source_trainable() -> None:
    source = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1).requires_grad_(False))
    EmaCopy(source, 0.9)
    assert [p.requires_grad for p in source.parameters()] == [True, True, False, False]


def test_buffers_are_the_copys_own_and_no_update_moves_them() -> None:
    source = nn.BatchNorm1d(1)
    copy = EmaCopy(source, 0.9)
    source.running_mean.fill_(5.0)
    copy.update(0.0)
    assert copy.module.running_mean.item() == 0.0


def test_a_forward_in_train_mode_moves_the_copys_statistics_and_not_the_sources() -> None:
    source = nn.BatchNorm1d(1)
    copy = EmaCopy(source, 0.9).train()
    copy(torch.tensor([[0.0], [20.0]]))
    assert copy.module.running_mean.item() == 1.0  # a tenth of the batch's mean
    assert source.running_mean.item() == 0.0


def test_a_restart_copies_parameters_and_buffers() -> None:
    source = nn.BatchNorm1d(1)
    copy = EmaCopy(source, 0.9)
    source.running_mean.fill_(5.0)
    nn.init.constant_(source.weight, 7.0)
    copy.restart()
    assert (copy.module.running_mean.item(), copy.module.weight.item()) == (5.0, 7.0)
    source.running_mean.fill_(6.0)
    assert copy.module.running_mean.item() == 5.0


def test_neither_forward_nor_update_leaves_gradients() -> None:
    source = nn.Linear(2, 1)
    copy = EmaCopy(source, 0.9)
    out = copy(torch.randn(3, 2, requires_grad=True))
    copy.update(0.9)
    copy.restart()
    assert not out.requires_grad
    assert not any(p.requires_grad for p in copy.parameters())


def test_it_stands_still_in_the_warm_up_and_becomes_the_source_as_that_ends() -> None:
    source = nn.BatchNorm1d(1)
    copy = EmaCopy(source, 0.5)
    nn.init.constant_(source.weight, 3.0)
    source.running_mean.fill_(5.0)
    copy.settle(-1)
    assert (copy.module.weight.item(), copy.module.running_mean.item()) == (1.0, 0.0)
    copy.settle(0)
    assert (copy.module.weight.item(), copy.module.running_mean.item()) == (3.0, 5.0)
    nn.init.constant_(source.weight, 4.0)
    copy.settle(1)
    assert copy.module.weight.item() == 3.5


def test_it_is_the_source_again_as_training_begins() -> None:
    source = one_weight(1.0)
    copy = EmaCopy(source, 0.5)
    nn.init.constant_(source.weight, 7.0)
    copy.begin()
    assert copy.module.weight.item() == 7.0


def test_the_momentum_may_follow_the_step() -> None:
    source = one_weight(0.0)
    copy = EmaCopy(source, lambda step: 1 - 1 / (step + 1))
    for step in (1, 2, 3):
        nn.init.constant_(source.weight, float(step))
        copy.settle(step)
    assert copy.module.weight.item() == pytest.approx((0 + 1 + 2 + 3) / 4)  # a plain mean of all


def test_the_source_is_no_part_of_the_copy() -> None:
    source = one_weight(1.0)
    copy = EmaCopy(source, 0.5)
    assert list(copy.state_dict()) == ["module.weight"]
    assert source not in list(copy.modules())
    assert not any(p is source.weight for p in copy.parameters())


def test_tied_weights_stay_tied_in_the_copy() -> None:
    source = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    source[1].weight = source[0].weight
    copy = EmaCopy(source, 0.9)
    assert copy.module[1].weight is copy.module[0].weight
    copy.update(0.5)


def test_the_copy_runs_in_the_mode_it_is_put_in() -> None:
    copy = EmaCopy(nn.Dropout(0.5), 0.9)
    inputs = torch.ones(1, 1000)
    assert (copy.train()(inputs) == 0).any()
    assert (copy.eval()(inputs) == 1).all()
