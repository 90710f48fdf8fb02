"""What the pretext stages promise: rotation and jigsaw tell what was done to an image, from its pixels alone."""

import math
from pathlib import Path

import pytest
import tiny
import torch
from made_step import built, made_step
from torch import nn

from hf_selftuning import Jigsaw, Rotation
from hf_selftuning.functional.mixing import turned_by_all
from hf_selftuning.modules.patch_head import PatchHead


def test_every_image_is_turned_by_all_four() -> None:
    images = torch.rand(3, 2, 5, 5)
    found, quarters = turned_by_all({"pixel_values": images})
    for place, (image, quarter) in enumerate(zip(found["pixel_values"], quarters.tolist(), strict=True)):
        torch.testing.assert_close(image, torch.rot90(images[place % 3], quarter, (1, 2)))
    assert quarters.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def test_the_turns_are_told_by_a_head_of_their_own() -> None:
    """A head that looks at which corner is lit is always right; one that knows nothing is wrong by log 4."""
    corner = torch.zeros(5, 1, 2, 2)
    corner[:, :, 0, 0] = 1
    method = built(Rotation(weight=0.5), nn.Identity())
    nn.init.zeros_(method.head.weight)
    nn.init.zeros_(method.head.bias)
    step = made_step(nn.Identity(), {"weak.0": corner})
    assert method.terms(step)["rotation"].item() == pytest.approx(0.5 * math.log(4), rel=1e-5)
    with torch.no_grad():
        # Quarters to the left take the upper left corner to the lower left, lower right, upper right.
        for quarters, place in enumerate([0, 2, 3, 1]):
            method.head.weight[quarters, place] = 50
    assert method.terms(step)["rotation"].item() < 1e-6


def test_images_that_a_quarter_turn_changes_in_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"reads square images, and a batch has pixel_values \(2, 3, 4, 5\)"):
        turned_by_all({"pixel_values": torch.rand(2, 3, 4, 5)})
    with pytest.raises(ValueError, match=r"a batch has input_ids \(2, 7\); take a model that reads nothing else"):
        turned_by_all({"input_ids": torch.zeros(2, 7)})


def test_the_patches_of_an_image_are_read_in_their_order() -> None:
    """A head that weighs the second place alone sees the second patch of every image."""
    head = PatchHead(4, 3, 4, 1)
    with torch.no_grad():
        head.patch.weight.copy_(torch.eye(4))
        head.patch.bias.zero_()
        head.joined.weight.zero_()
        head.joined.weight[0, 4:8] = 1
        head.joined.bias.zero_()
    features = torch.rand(2, 3, 4)
    torch.testing.assert_close(head(features.flatten(0, 1)), features[:, 1].sum(1, keepdim=True))


def test_the_order_of_the_patches_is_told_from_all_of_them() -> None:
    """Quarters of an image of four colours; a head that knows each order's colours is right, and one that does not
    is wrong by log 24."""
    image = torch.zeros(1, 4, 8, 8)
    for colour, (y, x) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4)]):
        image[:, colour, y : y + 4, x : x + 4] = 1
    method = built(Jigsaw(grid=2, orders=24, patch_size=1, projector_dim=4, weight=2.0), nn.Identity())
    with torch.no_grad():
        method.head.patch.weight.copy_(torch.eye(4))
        method.head.patch.bias.zero_()
        method.head.joined.weight.zero_()
        method.head.joined.bias.zero_()
    step = made_step(nn.Identity(), {"weak.0": image.expand(6, -1, -1, -1)})
    assert method.terms(step)["jigsaw"].item() == pytest.approx(2 * math.log(24), rel=1e-5)
    with torch.no_grad():
        for number, order in enumerate(method.known_orders.tolist()):
            for place, patch in enumerate(order):
                method.head.joined.weight[number, 4 * place + patch] = 50
    assert method.terms(step)["jigsaw"].item() < 1e-6


@pytest.mark.parametrize("name", ["rotation", "jigsaw:grid=2,orders=24"])
def test_no_label_reaches_the_network_in_a_stage(tmp_path: Path, name: str) -> None:
    found = []
    for seed in (0, 5):
        labels = torch.randint(0, 3, (10,), generator=torch.Generator().manual_seed(seed)).tolist()
        rows = [{**tiny.Images([0] * 10)[i], "labels": labels[i]} for i in range(10)]
        pixels = torch.Generator().manual_seed(1)
        rows = [{**row, "pixel_values": torch.randn(3, 32, 32, generator=pixels)} for row in rows]
        args = tiny.arguments(tmp_path, supervised_weight=0.0, max_steps=2)
        trainer = tiny.trained(tiny.IMAGES, args, methods=name, train_dataset=rows)
        assert all(line["loss_supervised"] == 0 < line["methods_loss"] for line in tiny.lines(trainer))
        found.append(trainer.model.state_dict())
    tiny.assert_same(*found)
