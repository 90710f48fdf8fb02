"""Mixed and turned examples."""

import pytest
import torch

from hf_selftuning.functional.mixing import interpolate, mix_up, mixing_weights, turned


def test_every_mixing_weight_is_at_least_one_half() -> None:
    torch.manual_seed(0)
    weights = mixing_weights(2000, 0.75, torch.device("cpu"))
    assert weights.min() >= 0.5
    assert weights.max() <= 1
    assert weights.std() > 0.1, "a weight for each example"


def test_interpolation_is_a_sum_of_both_with_a_weight_an_example() -> None:
    first, second = torch.rand(3, 2, 4), torch.rand(3, 2, 4)
    weights = torch.tensor([1.0, 0.5, 0.75])
    found = interpolate(first, second, weights)
    for i, weight in enumerate(weights.tolist()):
        torch.testing.assert_close(found[i], weight * first[i] + (1 - weight) * second[i])


def test_inputs_and_targets_are_mixed_with_the_same_partner_and_weight() -> None:
    """Targets that are a linear function of the inputs are so still, and each is nearest to its own example."""
    torch.manual_seed(0)
    labels = torch.eye(20)
    views = [{"pixel_values": labels[:6].view(6, 1, 4, 5)}, {"pixel_values": labels[6:].view(14, 1, 4, 5)}]
    mixed, targets = mix_up(views, labels, 0.75)
    torch.testing.assert_close(mixed["pixel_values"].flatten(1), targets)
    assert (targets.diagonal() >= 0.5).all()
    torch.testing.assert_close(targets.sum(1), torch.ones(20))
    assert ((targets > 0).sum(1) == 2).any(), "some have a partner"
    assert targets[:6, 6:].sum() > 0, "and find it in the other view"


def test_an_image_is_turned_by_as_many_quarters_as_are_told() -> None:
    torch.manual_seed(0)
    images = torch.rand(40, 3, 5, 5)
    found, quarters = turned({"pixel_values": images})
    assert set(quarters.tolist()) == {0, 1, 2, 3}
    for image, result, k in zip(images, found["pixel_values"], quarters.tolist(), strict=True):
        torch.testing.assert_close(result, torch.rot90(image, k, (1, 2)))


def test_images_that_are_not_square_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a batch has pixel_values \(2, 3, 4, 5\); make the images square"):
        turned({"pixel_values": torch.rand(2, 3, 4, 5)})
