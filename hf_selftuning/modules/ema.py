"""Exponential moving average of a module: a key encoder, or a teacher."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .part import Part
from .slices import own_slice, resliced


def rising_momentum(momentum: float, step: int) -> float:
    """min(momentum, 1 - 1/(t + 1)) after t steps, as Mean Teacher published it; at first a plain mean of all steps."""
    return min(momentum, 1 - 1 / (max(0, step) + 1))


def frozen_copy(source: nn.Module) -> nn.Module:
    """A copy that does not train; parameters that do not train (the base under LoRA) are shared with the source."""
    # deepcopy does not copy objects that its memo holds, so the frozen parameters stay shared.
    frozen = {id(p): p for p in source.parameters() if not p.requires_grad}
    return copy.deepcopy(source, frozen).requires_grad_(False)


class EmaCopy(Part):
    """A frozen copy of a module, which moves towards its trainable parameters after each optimizer step.

    The copy equals the source when training begins and again when the warm-up ends; in between it does not move.
    Parameters that do not train (the base under LoRA, frozen embeddings) are shared with the source, not copied.
    Buffers (BatchNorm statistics) are the copy's own, as in the published Self-Tuning, unless they follow too. Call
    `copy.module` to run it; in train mode it draws its own dropout.

    Args:
        source: the module that is followed, such as the student.
        momentum: share of the old weights that stays at each step, or a function of the steps since the warm-up.
        buffers: let the buffers follow as the weights do, for a copy that is never run in train mode.
    """

    def __init__(self, source: nn.Module, momentum: float | Callable[[int], float], *, buffers: bool = False) -> None:
        super().__init__()
        self.module, self.momentum, self.buffers_follow = frozen_copy(source), momentum, buffers
        # In a tuple, because torch would register the source as a submodule, to be trained and saved a second time.
        self._source = (source,)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the copied module returns, without gradients."""
        with torch.no_grad():
            return self.module(*args, **kwargs)

    def begin(self) -> None:
        """Copy the source again, because its classifier may have been fitted since."""
        self.restart()

    def settle(self, step: int) -> None:
        """Do nothing during the warm-up, copy the source when it ends, and move towards the source afterwards."""
        if step == 0:
            self.restart()
        elif step > 0:
            self.update(self.momentum(step) if callable(self.momentum) else self.momentum)

    @torch.no_grad()
    def update(self, momentum: float) -> None:
        """Move to `momentum * copy + (1 - momentum) * source`; momentum 0 copies the trained parameters."""
        mine, theirs = self._pairs()
        if mine:
            # One call for all tensors; on a GPU a loop would launch a kernel for each of some hundred.
            torch._foreach_lerp_(mine, theirs, 1 - momentum)
        if self.buffers_follow:
            for mine_, theirs_ in zip(self.module.buffers(), self._source[0].buffers(), strict=True):
                # A count of batches is a whole number, of which there is no mean.
                mine_.lerp_(theirs_, 1 - momentum) if mine_.is_floating_point() else mine_.copy_(theirs_)

    @torch.no_grad()
    def restart(self) -> None:
        """Copy the source, buffers included."""
        # Parameters that are shared are copied onto themselves, which changes nothing.
        resliced(self.module).load_state_dict(resliced(self._source[0]).state_dict())

    def standing_still(self) -> list[Tensor]:
        """The copy's parameters whose source does not train, so that both are always equal."""
        pairs = zip(self.module.parameters(), self._source[0].parameters(), strict=True)
        return [mine for mine, theirs in pairs if not theirs.requires_grad]

    def _pairs(self) -> tuple[list[Tensor], list[Tensor]]:
        pairs = zip(resliced(self.module).parameters(), resliced(self._source[0]).parameters(), strict=True)
        trained = [(own_slice(mine), own_slice(theirs)) for mine, theirs in pairs if mine is not theirs]
        return [mine for mine, _ in trained], [theirs for _, theirs in trained]
