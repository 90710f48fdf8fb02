"""Learning rates: the parts that start from nothing learn faster than the pretrained ones."""

from collections.abc import Iterable

import torch
from torch import Tensor


def raise_head_rates(optimizer: torch.optim.Optimizer, heads: set[Tensor], ratio: float) -> None:
    """Move the heads' parameters into groups of their own with `ratio` times the rate, all else as it was."""
    for group in list(optimizer.param_groups):
        mine = [p for p in group["params"] if p in heads]
        group["params"] = [p for p in group["params"] if p not in heads]
        if mine:
            optimizer.add_param_group({**group, "params": mine, "lr": group["lr"] * ratio})


def add_missing(optimizer: torch.optim.Optimizer, parameters: Iterable[Tensor], rate: float) -> None:
    """Let a ready-made optimizer train what it does not know: the methods' own parts.

    A schedule that was made with the optimizer counts its groups; there they join the fastest one, whatever `rate`.
    """
    known = {p for group in optimizer.param_groups for p in group["params"]}
    missing = [p for p in parameters if p.requires_grad and p not in known]
    scheduled = [group for group in optimizer.param_groups if "initial_lr" in group]
    if missing and scheduled:
        max(scheduled, key=lambda group: group["initial_lr"])["params"] += missing
    elif missing:
        optimizer.add_param_group({"params": missing, "lr": rate})
