"""Reference: a frozen copy of the starting model or of a teacher; it is rebuilt, not saved."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from .ema import frozen_copy
from .slices import own_slice, resliced, whole


def batch_norms(module: nn.Module) -> list[nn.modules.batchnorm._BatchNorm]:
    """All BatchNorm layers of a module."""
    return [part for part in module.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]


@contextmanager
def kept_statistics(module: nn.Module) -> Iterator[None]:
    """Keep BatchNorm's running statistics as they are while the context lasts; batches are normalised as before."""
    moving = [norm for norm in batch_norms(module) if norm.training and norm.track_running_stats]
    for norm in moving:
        norm.track_running_stats = False  # in train mode a layer then neither reads nor moves its running statistics
    try:
        yield
    finally:
        for norm in moving:
            norm.track_running_stats = True


class Reference(nn.Module):
    """A frozen copy of a model, in eval mode throughout training, and left out of checkpoints.

    A run that resumes builds it again from the same pretrained weights, or the same teacher's folder. Only a
    fingerprint of its weights is saved, so that `check` notices other weights.

    Args:
        source: the model that is copied.
        ignored: paths of modules that the fingerprint leaves out, such as heads: they are random in every run, and no
            loss reads them.
        batch_statistics: let BatchNorm normalise by the batch, like the student with which it is compared.
    """

    fingerprint: Tensor

    def __init__(self, source: nn.Module, ignored: Sequence[str] = (), *, batch_statistics: bool = False) -> None:
        super().__init__()
        self.batch_statistics = batch_statistics
        self.module, self.ignored = frozen_copy(source), tuple(ignored)
        self.register_buffer("fingerprint", self._fingerprint())
        self.eval()

    def parameter(self, name: str) -> Tensor:
        """A parameter of the copy by its name; of a sharded one, this rank's slice."""
        return own_slice(resliced(self.module).get_parameter(name))

    def train(self, mode: bool = True) -> "Reference":
        """Stay in eval mode, except for norms that normalise by the batch."""
        super().train(False)
        for norm in batch_norms(self) if self.batch_statistics else ():
            norm.train()
            norm.momentum = 0.0  # so that the running statistics do not move
        return self

    def state_dict(self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """The fingerprint alone; a resumed run rebuilds the weights."""
        state = {} if destination is None else destination
        state[f"{prefix}fingerprint"] = self.fingerprint if keep_vars else self.fingerprint.detach()
        return state

    def check(self) -> None:
        """Refuse to resume with other weights than the run began with.

        Raises:
            ValueError: the fingerprint in the checkpoint is not that of the weights.
        """
        if not torch.allclose(self.fingerprint.cpu(), self._fingerprint(), rtol=1e-6):
            raise ValueError(
                f"The {type(self.module).__name__} that a method keeps as its reference has other weights than when "
                "the run began; resume with the model loaded from the same pretrained weights, or the same teacher, "
                "and not from the checkpoint itself."
            )

    def _fingerprint(self) -> Tensor:
        """Sum and norm of every tensor (t, 2), computed on the host in float64, which not every device has."""
        heads = tuple(f"{path}." for path in self.ignored)
        named = resliced(self.module).named_parameters()
        kept = [whole(t.detach()).cpu().double() for n, t in named if not n.startswith(heads)]
        return torch.stack([torch.stack([t.sum(), t.norm()]) for t in kept]).float()
