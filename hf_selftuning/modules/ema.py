"""Exponential moving average of a module: the key encoder, or a teacher."""

import copy
from typing import Any

import torch
from torch import nn


def rising_momentum(momentum: float, step: int) -> float:
    """min(momentum, 1 - 1/(t + 1)) after `step` steps, the published Mean Teacher's: early on a plain mean of all."""
    return min(momentum, 1 - 1 / (max(0, step) + 1))


def frozen_copy(source: nn.Module) -> nn.Module:
    """A copy that does not train; parameters that do not train (the base under LoRA) are shared with the source."""
    frozen = {id(p): p for p in source.parameters() if not p.requires_grad}
    return copy.deepcopy(source, frozen).requires_grad_(False)


class EmaCopy(nn.Module):
    """A frozen copy of a module that follows its trainable parameters.

    Parameters that do not train (the base under LoRA, frozen embeddings) are shared with the source, not
    copied. Buffers (BatchNorm statistics) are the copy's own, as in the published Self-Tuning.
    The copy runs in the mode it is put in: train mode gives it its own dropout view.
    """

    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        self.module = frozen_copy(source)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the copied module returns, without gradients."""
        with torch.no_grad():
            return self.module(*args, **kwargs)

    @torch.no_grad()
    def update(self, source: nn.Module, momentum: float) -> None:
        """Move to `momentum * copy + (1 - momentum) * source`; momentum 0 copies."""
        mine, theirs = self._pairs(source)
        if mine:
            torch._foreach_lerp_(mine, theirs, 1 - momentum)

    def follow(self, source: nn.Module, momentum: float, step: int) -> None:
        """Follow the source `step` steps after the warm-up: become it at 0, move towards it later, stay before."""
        if step == 0:
            self.restart(source)
        elif step > 0:
            self.update(source, momentum)

    @torch.no_grad()
    def restart(self, source: nn.Module) -> None:
        """Become the source again, buffers included."""
        self.module.load_state_dict(source.state_dict())

    def _pairs(self, source: nn.Module) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        pairs = zip(self.module.parameters(), source.parameters(), strict=True)
        trained = [(mine, theirs) for mine, theirs in pairs if mine is not theirs]
        return [mine for mine, _ in trained], [theirs for _, theirs in trained]
