"""Learning rates: the parts that are not pretrained learn faster than the others."""

from collections.abc import Iterable

import torch
from torch import Tensor


def raise_head_rates(optimizer: torch.optim.Optimizer, heads: set[Tensor], ratio: float) -> None:
    """Move the heads' parameters into groups of their own, with `ratio` times the rate and all else unchanged."""
    # A copy of the list, because add_param_group appends to it.
    for group in list(optimizer.param_groups):
        mine = [p for p in group["params"] if p in heads]
        group["params"] = [p for p in group["params"] if p not in heads]
        if mine:
            optimizer.add_param_group({**group, "params": mine, "lr": group["lr"] * ratio})


def add_missing(optimizer: torch.optim.Optimizer, parameters: Iterable[Tensor], rate: float) -> None:
    """Let the user's own optimizer train the methods' parts, which it does not know.

    A schedule that was made with the optimizer has one rate for each of its groups, and no group may be added: the
    parts then join the group with the highest rate, and `rate` is not used.
    """
    known = {p for group in optimizer.param_groups for p in group["params"]}
    missing = [p for p in parameters if p.requires_grad and p not in known]
    # torch's schedulers write `initial_lr` into each group of their optimizer.
    scheduled = [group for group in optimizer.param_groups if "initial_lr" in group]
    if missing and scheduled:
        max(scheduled, key=lambda group: group["initial_lr"])["params"] += missing
    elif missing:
        optimizer.add_param_group({"params": missing, "lr": rate})
