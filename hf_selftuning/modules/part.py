"""Part: state of a method that the objective updates after each optimizer step."""

from torch import nn


class Part(nn.Module):
    """Base of what a method keeps from step to step: an EMA copy, class queues, a running mean.

    A method keeps its parts as attributes, as any module keeps its layers. The objective calls these three hooks of
    every part; a hook does nothing unless a subclass overrides it. Keep what a resumed run needs in buffers or
    parameters, and keep what waits for the end of a step outside of them.
    """

    def begin(self) -> None:
        """Start when training begins; the classifier may have changed since `build`. A resumed run skips this."""

    def settle(self, step: int) -> None:
        """Update after an optimizer step. Every rank calls this, even a rank that saw no row.

        Args:
            step: finished steps since the end of the warm-up. It is negative during the warm-up and 0 as it ends.
        """

    def forget(self) -> None:
        """Drop what was gathered for a step that is not taken, such as one that overflowed in fp16."""
