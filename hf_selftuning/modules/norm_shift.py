"""How far images lie from those of a network's pretraining, by the statistics that its BatchNorm layers keep."""

from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .reference_model import batch_norms


def norm_shift(network: nn.Module, batches: Iterable[Float[Tensor, "_ _ _ _"]]) -> float | None:
    """Mean distance between the inputs' channel means and the running means of the BatchNorm layers.

    The distance of each channel is counted in its running standard deviations; channels of a layer and then layers
    count the same. 0 stands for data as in the pretraining.

    Args:
        network: pretrained; it is run in eval mode and not changed.
        batches: images as the network takes them.

    Returns:
        the distance; None if the network has no BatchNorm layer with running statistics, or there is no batch.
    """
    norms = [norm for norm in batch_norms(network) if norm.running_mean is not None]
    sums: dict[nn.Module, Tensor] = {}
    counts: dict[nn.Module, int] = {}

    def add(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].detach().double().transpose(0, 1).flatten(1)
        sums[norm] = sums.get(norm, 0) + values.sum(1)
        counts[norm] = counts.get(norm, 0) + values.shape[1]

    hooks = [norm.register_forward_pre_hook(add) for norm in norms]
    training = network.training
    try:
        with torch.no_grad():
            for batch in batches:
                network.eval()(batch)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    shifts = [_shift(norm, sums[norm] / counts[norm]) for norm in norms if norm in sums]
    return float(torch.stack(shifts).mean()) if shifts else None


def _shift(norm: nn.modules.batchnorm._BatchNorm, mean: Tensor) -> Tensor:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    deviation = (norm.running_var.double() + norm.eps).sqrt()
    return ((mean - norm.running_mean.double()).abs() / deviation).mean()
