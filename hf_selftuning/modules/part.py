"""Part: state of a method that moves once an optimizer step, without a line in the method."""

from torch import nn


class Part(nn.Module):
    """Base of what a method keeps from step to step: an EMA copy, class queues, a running mean.

    A method keeps its parts as attributes, as any module keeps its layers. The objective then calls these three hooks
    of every part; each does nothing unless a kind of part says otherwise. What must outlive a checkpoint belongs in
    buffers or parameters; what waits for the end of a step does not.
    """

    def begin(self) -> None:
        """Training begins: the classifier may have been replaced since the part was made. A resumed run skips this."""

    def settle(self, step: int) -> None:
        """Move, once the optimizer has stepped. Every rank calls this, also one that saw no row.

        Args:
            step: finished steps since the end of the warm-up. It is negative during the warm-up and 0 as it ends.
        """

    def forget(self) -> None:
        """Drop what was gathered for a step that is not taken, such as one that overflowed in fp16."""
