"""Which pseudo-labels of the unlabelled examples changed their class during training, and at which step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from ..distributed import gather_rows

STATE = "changes."
"""Prefix of the names of the record's tensors in a checkpoint."""
NONE = -1


@dataclass
class LabelChanges:
    """For each unlabelled example its newest pseudo-label, and the last change of its class.

    Only pseudo-labels that a method used count. Steps wait in a list on the device, and `settle` enters them, so a
    step does not wait for the device. All ranks have the same record. It holds 12 bytes for each example of the pool.

    Args:
        size: number of unlabelled examples; 0 for a stream, of which nothing is recorded.
    """

    size: int
    newest: Int[Tensor, "m"] = field(init=False)
    """The newest class of each example; -1 for none."""
    before: Int[Tensor, "m"] = field(init=False)
    """The class before the last change; -1 where the class never changed."""
    steps: Int[Tensor, "m"] = field(init=False)
    """The optimizer step of the last change, counted from 1; 0 where the class never changed."""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything, as a training begins."""
        self._waiting: list[Tensor] = []
        self.newest, self.before, self.steps = (torch.empty(0, dtype=torch.int32) for _ in range(3))

    def note(self, examples: Int[Tensor, "n"], labels: Int[Tensor, "n"], step: int) -> None:
        """Take the pseudo-labels of a micro-batch.

        Args:
            examples: places of the examples in the dataset.
            labels: their pseudo-labels; -1 for one that was not used.
            step: number of the optimizer step, from 1.
        """
        if self.size:
            self._waiting.append(torch.stack([examples, labels, torch.full_like(labels, step)], 1).int())

    def settle(self) -> None:
        """Enter what waits, in the order of the steps; every rank must take part."""
        if not self._waiting:
            return
        noted = gather_rows(torch.cat(self._waiting)).cpu()
        self._waiting = []
        if not len(self.newest):
            self.newest = torch.full((self.size,), NONE, dtype=torch.int32)
            self.before, self.steps = self.newest.clone(), torch.zeros_like(self.newest)
        noted = noted[noted[:, 1] != NONE]
        # By example, and by step within an example: each row then follows the label that the example had before.
        noted = noted[torch.argsort(noted[:, 2], stable=True)]
        examples, labels, steps = noted[torch.argsort(noted[:, 0], stable=True)].T
        first = torch.ones_like(examples, dtype=torch.bool)
        first[1:] = examples[1:] != examples[:-1]
        earlier = torch.where(first, self.newest[examples.long()], labels.roll(1))
        changed = (earlier != NONE) & (earlier != labels)
        self._enter(examples[changed], before=earlier[changed], steps=steps[changed])
        self._enter(examples, newest=labels)

    def _enter(self, examples: Tensor, **values: Tensor) -> None:
        """Write the last value of each example; the rows of an example follow each other."""
        last = torch.ones_like(examples, dtype=torch.bool)
        last[:-1] = examples[1:] != examples[:-1]
        for name, value in values.items():
            getattr(self, name)[examples[last].long()] = value[last]

    @property
    def is_known(self) -> bool:
        """Whether a pseudo-label was recorded."""
        return len(self.newest) > 0

    def late(self, steps: int) -> Bool[Tensor, "m"]:
        """Whether the last change of each example was in the second half of the optimizer steps.

        Args:
            steps: number of steps of the training.
        """
        return self.steps > steps / 2

    def state(self) -> dict[str, Tensor]:
        """The record as tensors for a checkpoint; every rank must take part."""
        self.settle()
        found = {"newest": self.newest, "before": self.before, "steps": self.steps}
        return {STATE + name: value for name, value in found.items()} if self.is_known else {}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from the record of a checkpoint, if it has one of as many examples."""
        self.restart()
        found = {name.removeprefix(STATE): value.cpu() for name, value in state.items() if name.startswith(STATE)}
        if found and len(found["newest"]) == self.size:
            self.newest, self.before, self.steps = found["newest"], found["before"], found["steps"]
