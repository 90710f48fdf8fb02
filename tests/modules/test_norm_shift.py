"""How far images lie from those of a pretraining."""

import pytest
import torch
from torch import nn

from hf_selftuning.modules.norm_shift import norm_shift


def network() -> nn.Sequential:
    torch.manual_seed(0)
    first, second = nn.BatchNorm2d(3), nn.BatchNorm2d(5)
    for norm in (first, second):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
    return nn.Sequential(first, nn.Conv2d(3, 5, 3), second)


@torch.no_grad()
def test_the_shift_is_the_mean_over_layers_of_distances_in_running_deviations() -> None:
    model = network()
    batches = [torch.randn(4, 3, 6, 6) + 1, torch.randn(2, 3, 6, 6)]
    images, distances = torch.cat(batches), []
    for norm, inputs in ((model[0], images), (model[2], model[1](model.eval()[0](images)))):
        own = []
        for channel in range(inputs.shape[1]):
            deviation = (norm.running_var[channel] + norm.eps).sqrt()
            own.append(abs(inputs[:, channel].mean() - norm.running_mean[channel]) / deviation)
        distances.append(sum(own) / len(own))
    expected = float(sum(distances) / 2)
    assert norm_shift(model.train(), batches) == pytest.approx(expected, rel=1e-5)
    assert model.training


def test_images_as_in_the_pretraining_have_no_shift_and_leave_the_network_as_it_was() -> None:
    model, images = nn.BatchNorm2d(3, momentum=None), torch.randn(8, 3, 4, 4)
    model(images)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert norm_shift(model, [images]) == pytest.approx(0, abs=1e-6)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("model", [nn.Conv2d(3, 2, 1), nn.LayerNorm(4), nn.BatchNorm2d(3, track_running_stats=False)])
def test_without_running_statistics_nothing_is_measured(model: nn.Module) -> None:
    assert norm_shift(model, [torch.randn(2, 3, 4, 4)]) is None
