"""The last hidden states of a transformers model, taken from a forward pass as it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


@contextmanager
def last_hidden_states(model: nn.Module) -> Iterator[list[Tensor]]:
    """Collect the last hidden states (b, l, d) of each forward pass in this context; nothing if a model has none.

    Args:
        model: a model with a head; its `base_model` is what the head stands on.
    """
    found: list[Tensor] = []

    def keep(_: nn.Module, __: Any, output: Any) -> None:
        hidden = getattr(output, "last_hidden_state", None)
        if isinstance(hidden, Tensor) and hidden.ndim == 3:
            found.append(hidden)

    base = getattr(model, "base_model", None)
    if not isinstance(base, nn.Module) or base is model:
        yield found
        return
    hook = base.register_forward_hook(keep)
    try:
        yield found
    finally:
        hook.remove()
