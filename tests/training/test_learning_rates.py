"""Rates of heads and of the methods' own parts."""

import pytest
import torch
from torch import nn

from hf_selftuning.training.learning_rates import add_missing, raise_head_rates


def model() -> nn.ModuleDict:
    return nn.ModuleDict({"body": nn.Linear(1, 1), "head": nn.Linear(1, 1)})


def rates(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, tuple[float, float]]:
    """Learning rate and weight decay of each parameter by its name."""
    found = {p: (group["lr"], group["weight_decay"]) for group in optimizer.param_groups for p in group["params"]}
    return {name: found[p] for name, p in module.named_parameters() if p in found}


def test_heads_get_the_ratio_and_keep_all_else() -> None:
    module = model()
    groups = [
        {"params": [module.body.weight, module.head.weight], "weight_decay": 0.5},
        {"params": [module.body.bias, module.head.bias], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.01, betas=(0.5, 0.6))
    raise_head_rates(optimizer, set(module.head.parameters()), 10)
    assert rates(optimizer, module) == {
        "body.weight": (0.01, 0.5),
        "body.bias": (0.01, 0.0),
        "head.weight": (0.1, 0.5),
        "head.bias": (0.1, 0.0),
    }
    assert {group["betas"] for group in optimizer.param_groups} == {(0.5, 0.6)}


def test_every_parameter_is_in_one_group_alone() -> None:
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    raise_head_rates(optimizer, set(module.head.parameters()), 10)
    params = [p for group in optimizer.param_groups for p in group["params"]]
    assert len(params) == len(set(params)) == 4


def test_an_optimizer_of_heads_alone_still_steps() -> None:
    module = model()
    module.body.requires_grad_(False)
    optimizer = torch.optim.AdamW(module.head.parameters(), lr=0.1)
    raise_head_rates(optimizer, set(module.head.parameters()), 10)
    before = module.head.weight.detach().clone()
    module.head(torch.ones(1, 1)).sum().backward()
    optimizer.step()
    torch.testing.assert_close(before - module.head.weight, torch.ones(1, 1), rtol=0.05, atol=0.05)


def test_heads_that_the_optimizer_does_not_know_are_left_out() -> None:
    module = model()
    optimizer = torch.optim.SGD(module.body.parameters(), lr=0.1)
    raise_head_rates(optimizer, set(module.head.parameters()), 10)
    assert list(rates(optimizer, module)) == ["body.weight", "body.bias"]
    assert len(optimizer.param_groups) == 1


def test_a_schedule_scales_both_rates_alike() -> None:
    module = model()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    raise_head_rates(optimizer, set(module.head.parameters()), 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    optimizer.step()
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.5]


def test_a_ready_made_optimizer_learns_of_the_missing_parameters() -> None:
    module = model()
    optimizer = torch.optim.SGD(module.body.parameters(), lr=0.1, momentum=0.9, weight_decay=0.5)
    add_missing(optimizer, module.parameters(), 1.0)
    assert rates(optimizer, module) == {
        "body.weight": (0.1, 0.5),
        "body.bias": (0.1, 0.5),
        "head.weight": (1.0, 0.5),
        "head.bias": (1.0, 0.5),
    }


@pytest.mark.parametrize("frozen", [True, False])
def test_nothing_is_added_where_nothing_is_missing(frozen: bool) -> None:
    module = model()
    optimizer = torch.optim.SGD(module.body.parameters() if frozen else module.parameters(), lr=0.1)
    module.head.requires_grad_(not frozen)
    add_missing(optimizer, module.parameters(), 1.0)
    assert len(optimizer.param_groups) == 1


def test_a_ready_made_schedule_goes_on_and_the_added_parameters_follow_its_fastest_group() -> None:
    module = model()
    groups = [{"params": [module.body.weight], "lr": 0.4}, {"params": [module.body.bias], "lr": 0.2}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
    add_missing(optimizer, module.head.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    found = {name: rate for name, (rate, _) in rates(optimizer, module).items()}
    assert found == {"body.weight": 0.2, "body.bias": 0.1, "head.weight": 0.2, "head.bias": 0.2}
