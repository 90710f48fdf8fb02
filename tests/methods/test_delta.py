"""DELTA: what attention is, and the distance of feature maps against loops."""

from pathlib import Path
from typing import Any

import pytest
import timm
import tiny
import torch
from torch import Tensor, nn

from hf_selftuning.functional.losses import channel_attention, feature_map_distance, mean_square
from hf_selftuning.methods import DELTA
from hf_selftuning.modules.blocks import channels_last, find_blocks, silenced, width


def slow_distance(maps: Tensor, start: Tensor, attention: Tensor) -> float:
    """Of one row (positions, c): half the squared difference, a channel and a position at a time."""
    positions, channels = maps.shape
    total = 0.0
    for channel in range(channels):
        for position in range(positions):
            square = (maps[position, channel].item() - start[position, channel].item()) ** 2
            total += 0.5 * channels * attention[channel].item() * square / positions
    return total


def test_the_distance_of_maps_equals_loops() -> None:
    maps, start = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5)
    attention = torch.tensor([0.1, 0.2, 0.3, 0.25, 0.15])
    for row, found in enumerate(feature_map_distance(maps, start, attention).tolist()):
        expected = slow_distance(maps[row].flatten(0, 1), start[row].flatten(0, 1), attention)
        assert found == pytest.approx(expected, rel=1e-5)


def blocks_of(model: nn.Module, inputs: dict[str, Tensor]) -> list[Tensor]:
    """What each layer of a ViT returns."""
    outputs: list[Tensor] = []
    hooks = [layer.register_forward_hook(lambda *given: outputs.append(given[2])) for layer in model.vit.layers]
    model(**inputs)
    for hook in hooks:
        hook.remove()
    return outputs


def test_a_batch_without_rows_has_no_distance() -> None:
    nothing = torch.zeros(0, 5, requires_grad=True)
    found = feature_map_distance(nothing, nothing.detach(), torch.full((5,), 0.2)).sum()
    found.backward()
    assert found.item() == 0


@pytest.mark.parametrize("relative", [False, True])
def test_the_terms_are_the_weighted_distances_of_all_blocks_and_the_heads_decay(
    tmp_path: Path, relative: bool
) -> None:
    method, model = DELTA(weight=0.7, head_weight=0.3, blocks=2, relative=relative), tiny.vit(dropout=0.0)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path, use_cpu=True), model=model, methods=[method])
    batch = tiny.first_step(trainer)
    objective = trainer.training_module
    with torch.no_grad():
        for number in range(2):
            method.attention(number).copy_(torch.rand(16).softmax(0))
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    found = objective(batch)[0]
    inputs = batch["labeled"]["views"]["weak.0"]
    moved, start = blocks_of(model, inputs), blocks_of(tiny.vit(dropout=0.0), inputs)
    total = 0.0
    for number, (maps, before) in enumerate(zip(moved, start, strict=True)):
        for row in range(4):
            distance = slow_distance(maps[row], before[row], method.attention(number))
            total += distance / (before[row] ** 2).mean().item() if relative else distance
    assert found["feature_maps"].item() == pytest.approx(0.7 * total / 4, rel=1e-4)
    squares = [w**2 for parameter in model.classifier.parameters() for w in parameter.flatten().tolist()]
    assert found["delta_head_decay"].item() == pytest.approx(0.3 * sum(squares) / 2, rel=1e-4)


def test_a_relative_pull_does_not_know_the_scale_of_the_maps() -> None:
    maps, start, attention = torch.randn(2, 3, 5), torch.randn(2, 3, 5), torch.full((5,), 0.2)
    found = [feature_map_distance(k * maps, k * start, attention) / mean_square(k * start) for k in (1.0, 30.0)]
    torch.testing.assert_close(*found)
    assert mean_square(start).tolist() == pytest.approx([(row**2).mean().item() for row in start])


def test_attention_is_the_softmax_of_the_standardised_growth() -> None:
    growth = torch.tensor([0.1, 0.5, -0.2])
    logits = (growth - growth.mean()) / growth.std() / 5
    torch.testing.assert_close(channel_attention(growth, 5.0), logits.exp() / logits.exp().sum())
    torch.testing.assert_close(channel_attention(torch.zeros(4), 5.0), torch.full((4,), 0.25))


@pytest.mark.parametrize("kind", ["bert", "vit", "timm"])
def test_learned_attention_sums_to_one_over_each_block(tmp_path: Path, kind: str) -> None:
    method = DELTA(blocks=2, attention_examples=6)
    trainer = tiny.trainer(tiny.KINDS[kind], tiny.arguments(tmp_path), methods=[method])
    trainer.training_module  # noqa: B018
    before = [method.attention(number).clone() for number in range(2)]
    trainer.prepare_methods()
    for number in range(2):
        attention = method.attention(number)
        assert attention.sum().item() == pytest.approx(1, rel=1e-5)
        assert not torch.equal(attention, before[number])


def test_examples_of_one_class_leave_all_channels_equal(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    method = DELTA(blocks=1, attention_examples=1)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[method])
    trainer.prepare_methods()
    torch.testing.assert_close(method.attention(0).cpu(), torch.full((16,), 1 / 16))
    assert "attention_examples=1 takes labelled examples of one class alone" in caplog.text


@pytest.mark.parametrize("setting", [{"attention_examples": 0}, {"attention_temperature": 0.0}])
def test_nothing_to_learn_the_attention_from_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"DELTA has attention_.*, which must be positive"):
        DELTA(**setting)


def test_a_channel_without_which_nothing_changes_has_less_attention_than_one_that_tells(tmp_path: Path) -> None:
    model = tiny.vit(dropout=0.0)
    with torch.no_grad():  # the norm behind the last block lets one channel through
        model.vit.layernorm.weight.zero_()
        model.vit.layernorm.weight[3] = 10
    method = DELTA(blocks=1, attention_examples=10)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), model=model, methods=[method])
    trainer.prepare_methods()
    assert method.attention(0).argmax().item() == 3


def test_batch_norm_alone_is_no_distance_from_the_start(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.TIMM_IMAGES, tiny.arguments(tmp_path), methods=[DELTA()])
    for _ in range(2):  # statistics of the batch, which a pass does not gather in the reference
        assert tiny.first_terms(trainer)["feature_maps"].item() == pytest.approx(0, abs=1e-6)


def test_the_pull_is_zero_at_the_start_without_noise(tmp_path: Path) -> None:
    model = tiny.vit(dropout=0.0)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), model=model, methods=[DELTA()])
    assert tiny.first_terms(trainer)["feature_maps"].item() == 0
    with torch.no_grad():
        model.vit.layers[0].layernorm_before.weight.mul_(2)
    assert tiny.first_terms(trainer)["feature_maps"].item() > 0


def test_a_path_that_no_module_has_is_refused(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[DELTA(paths="vit.layers.0/vit.layer.1")])
    with pytest.raises(
        ValueError, match=r"names 'vit.layer.1', which is no module of ViTForImageClassification; give"
    ):
        trainer.training_module  # noqa: B018


def test_blocks_are_stages_of_timm_or_layers_of_a_transformer() -> None:
    assert find_blocks(tiny.bert(), 4) == ("bert.encoder.layer.0", "bert.encoder.layer.1")
    assert find_blocks(tiny.bert(), 1) == ("bert.encoder.layer.1",)
    stages = find_blocks(tiny.resnet(), 4)
    assert stages == tuple(f"timm_model.layer{i}" for i in (1, 2, 3, 4))
    assert [width(tiny.resnet().get_submodule(path)) for path in stages] == [32, 48, 192, 96]


def test_channels_of_the_stages_of_an_efficientnet_are_as_timm_says() -> None:
    network = timm.create_model("tf_efficientnet_lite0", num_classes=3)
    wrapped = nn.ModuleDict({"timm_model": network})
    stages = find_blocks(wrapped, 5)
    assert [width(wrapped.get_submodule(path)) for path in stages] == [
        stage["num_chs"] for stage in network.feature_info
    ]


def test_a_silenced_channel_is_zero_and_the_others_are_not() -> None:
    block = nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6))
    with silenced(block, 4):
        output = block(torch.randn(2, 3, 8, 8))
    assert (output.abs().sum((0, 2, 3)) > 0).tolist() == [True, True, True, True, False, True]
    assert block(torch.randn(2, 3, 8, 8)).abs().sum((0, 2, 3)).min() > 0


def test_channels_that_are_not_there_are_said() -> None:
    assert channels_last(torch.zeros(2, 5, 7, 7), 5).shape == (2, 7, 7, 5)
    assert channels_last(torch.zeros(2, 7, 7, 5), 5).shape == (2, 7, 7, 5)
    with pytest.raises(
        ValueError, match=r"returns \(2, 9\), in which its 5 channels are not found; name other modules"
    ):
        channels_last(torch.zeros(2, 9), 5)


def test_a_network_without_blocks_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"Linear has neither timm's stages nor a list of like layers; name the modules"
    ):
        find_blocks(nn.Linear(2, 2), 4)
