"""Patches against slices, and orders that are far apart."""

import itertools

import pytest
import torch

from hf_selftuning.functional.patches import cut_patches, distant_orders, in_order


def at(image: torch.Tensor, patch: torch.Tensor) -> list[tuple[int, int]]:
    """Where a patch lies in the image: all places with the same pixels."""
    height, width = patch.shape[1:]
    places = itertools.product(range(image.shape[1] - height + 1), range(image.shape[2] - width + 1))
    return [(y, x) for y, x in places if torch.allclose(image[:, y : y + height, x : x + width], patch, atol=1e-4)]


@pytest.mark.parametrize(("height", "width", "grid"), [(24, 24, 3), (20, 33, 2), (31, 29, 3)])
def test_each_patch_is_a_slice_of_its_own_cell_at_a_random_place(height: int, width: int, grid: int) -> None:
    torch.manual_seed(0)
    images = torch.rand(2, 2, height, width)
    cell = height // grid, width // grid
    side = tuple(max(1, round(64 / 75 * length)) for length in cell)
    found = cut_patches(images, grid, side)
    assert found.shape == (2, grid**2, 2, *side)
    offsets = set()
    for image, patches in zip(images, found, strict=True):
        for k, patch in enumerate(patches):
            ((y, x),) = at(image, patch)
            inside = (y - k // grid * cell[0], x - k % grid * cell[1])
            assert 0 <= inside[0] <= cell[0] - side[0]
            assert 0 <= inside[1] <= cell[1] - side[1]
            offsets.add(inside)
    assert len(offsets) > 2, "an offset of its own for each patch"


def test_patches_are_resized_to_any_size() -> None:
    ramp = torch.linspace(0, 1, 30).expand(1, 1, 30, 30)  # rises from left to right
    found = cut_patches(ramp, 3, (17, 40))
    assert found.shape == (1, 9, 1, 17, 40)
    left, middle, right = found[0, :3].mean((1, 2, 3)).tolist()
    assert left < 1 / 3 < middle < 2 / 3 < right
    torch.testing.assert_close(found[0, 0, 0, 0], found[0, 0, 0, -1])


def test_place_j_gets_the_patch_that_the_order_names() -> None:
    patches = torch.arange(8.0).view(2, 4, 1)
    found = in_order(patches, torch.tensor([[3, 0, 1, 2], [0, 1, 3, 2]]))
    assert found.flatten().tolist() == [3, 0, 1, 2, 4, 5, 7, 6]


def test_orders_are_permutations_far_from_each_other() -> None:
    found = distant_orders(9, 30)
    assert (found.sort(1).values == torch.arange(9)).all()
    apart = [int((a != b).sum()) for a, b in itertools.combinations(found, 2)]
    # Among 30 random orders of nine, some pairs agree at four places or more.
    assert min(apart) >= 7
    assert torch.equal(found, distant_orders(9, 30))


def test_all_orders_of_four_patches_are_found() -> None:
    assert sorted(map(tuple, distant_orders(4, 24).tolist())) == sorted(itertools.permutations(range(4)))


def test_more_orders_than_there_are_are_refused() -> None:
    with pytest.raises(ValueError, match="4 patches have at most 24 orders to choose from, and 1000 were asked for"):
        distant_orders(4, 1000)
