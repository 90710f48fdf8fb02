"""The blocks of a network, and the channels of their outputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


def find_blocks(model: nn.Module, count: int) -> tuple[str, ...]:
    """Paths of blocks, evenly spaced up to the last: the stages of a timm model, or the layers of a transformer.

    Args:
        model: any transformers model, also a timm model in transformers' wrapper.
        count: greatest number of blocks.

    Raises:
        ValueError: the model has neither stages nor such layers.
    """
    stages = [
        [f"{path}.{stage['module']}" for stage in module.feature_info]
        for path, module in model.named_modules()
        if hasattr(module, "feature_info")
        and hasattr(module, "get_classifier")  # single blocks of timm have a feature_info too, but a method
    ]
    layers = [
        [f"{path}.{number}" for number in range(len(module))]
        for path, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len({type(layer) for layer in module}) == 1
    ]
    found = max(stages or layers, key=len, default=[])
    if not found:
        raise ValueError(
            f"{type(model).__name__} has neither timm's stages nor a list of like layers; name the modules whose "
            "outputs are compared with paths=path.one/path.two."
        )
    count = min(count, len(found))
    # Rounded up, so that each index is the last block of one of `count` nearly equal parts.
    return tuple(found[-(-(i + 1) * len(found) // count) - 1] for i in range(count))


def named_blocks(model: nn.Module, paths: str) -> tuple[str, ...]:
    """The paths of blocks that a text joins by /, such as `vit.layers.0/vit.layers.1`.

    Raises:
        ValueError: the model has no module of that path.
    """
    known, found = dict(model.named_modules()), tuple(paths.split("/"))
    for path in found:
        if path not in known:
            raise ValueError(
                f"paths={paths!r} names {path!r}, which is no module of {type(model).__name__}; give paths as "
                "model.named_modules() prints them, joined by /."
            )
    return found


def width(block: nn.Module) -> int:
    """Channels of a block's output: the length of its last one-dimensional parameter (norm or bias), or 0."""
    vectors = [parameter for parameter in block.parameters() if parameter.ndim == 1]
    return len(vectors[-1]) if vectors else 0


def channels_last(output: Tensor, channels: int) -> Tensor:
    """The output with its channels last, (n, ..., c); it shares memory with the argument.

    Args:
        output: (n, c, h, w), (n, h, w, c), (n, l, c) or (n, c).
        channels: the number of channels, c.

    Raises:
        ValueError: neither the second dimension of four nor the last one has that length.
    """
    at = 1 if output.ndim == 4 and output.shape[1] == channels else -1
    if output.shape[at] != channels:
        raise ValueError(
            f"A block returns {tuple(output.shape)}, in which its {channels} channels are not found; name other "
            "modules with paths=path.one/path.two."
        )
    return output.movedim(at, -1)


@contextmanager
def silenced(block: nn.Module, channel: int) -> Iterator[None]:
    """Set one channel of the block's output to zero while the context lasts; no gradients are recorded."""
    channels = width(block)

    def silence(_: nn.Module, __: Any, output: Any) -> None:
        first = output if isinstance(output, Tensor) else output[0]
        channels_last(first, channels)[..., channel] = 0  # writes into the output, which shares the memory

    hook = block.register_forward_hook(silence)
    try:
        with torch.no_grad():
            yield
    finally:
        hook.remove()
