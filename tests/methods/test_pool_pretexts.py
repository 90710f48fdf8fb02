"""What PIRL and ClusterFit promise: what they keep of each example, and what the network learns from it."""

import dataclasses
from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F
from made_step import made_step
from torch import Tensor, nn

from hf_selftuning import PIRL, ClusterFit
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.core.step import Progress, Step
from hf_selftuning.functional.noise_contrast import noise_contrast
from hf_selftuning.functional.patches import cut_patches, in_order
from hf_selftuning.methods.clusterfit import clusters_of

PIRL_SMALL = {"grid": 2, "projector_dim": 8}


# ---- PIRL ----


def test_pirl_keeps_a_representation_of_each_image(tmp_path: Path) -> None:
    method = PIRL(**PIRL_SMALL)
    args = tiny.arguments(tmp_path, supervised_weight=0.0, max_steps=6)  # 22 images in steps of four
    tiny.trained(tiny.IMAGES, args, methods=[method])
    assert method.memory.vectors.shape == (22, 8)
    assert method.memory.seen.all()
    torch.testing.assert_close(method.memory.vectors.norm(dim=1), torch.ones(22))


def step_of(images: Tensor, examples: list[int]) -> Step:
    """A step of images that are these places of their dataset."""
    step = made_step(nn.Identity(), {"weak.0": images})
    unlabeled = dataclasses.replace(step._streams["unlabeled"], examples=torch.tensor(examples))
    step._streams = {**step._streams, "unlabeled": unlabeled}
    return step


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_term_is_the_mean_of_both_contrasts_with_the_image_in_memory(share: float) -> None:
    torch.manual_seed(3)
    method, images, examples = PIRL(**PIRL_SMALL, patch_share=share, weight=2.0), torch.rand(3, 1, 8, 8), [4, 0, 2]
    method.build(BuildContext(nn.Identity(), 64, 3, unlabeled=5))
    method.memory.vectors.copy_(F.normalize(torch.randn(5, 8), dim=1))
    method.memory.seen.copy_(torch.tensor([True, True, True, False, True]))
    torch.manual_seed(0)
    found = method.terms(step_of(images, examples))["pirl"].item()
    torch.manual_seed(0)
    orders = torch.rand(3, 4).argsort(1)
    patches = in_order(cut_patches(images, 2, (8, 8)), orders).flatten(2).flatten(0, 1)
    given = ((method.patches, patches), (method.image, images.flatten(1)))
    rows = (F.normalize(head(features), dim=1) for head, features in given)
    memory, others = method.memory.vectors, method.memory.seen & (torch.arange(5) != torch.tensor(examples)[:, None])
    contrasts = [noise_contrast(row, memory[examples], memory, others, temperature=0.07).mean().item() for row in rows]
    assert found == pytest.approx(2 * (share * contrasts[0] + (1 - share) * contrasts[1]), rel=1e-4)
    method.settle(Progress(1, 2))
    assert not method.memory.seen[3], "an image that was not in the step"


def test_without_a_known_number_of_images_pirl_is_refused() -> None:
    with pytest.raises(ValueError, match=r"PIRL remembers each unlabelled image, .* take the stage simclr"):
        PIRL().build(BuildContext(nn.Identity(), 4, 3))


# ---- ClusterFit ----


def test_clusters_are_those_of_the_features() -> None:
    torch.manual_seed(0)
    centers = 10 * torch.eye(3)
    which = torch.arange(30) % 3
    rows = F.normalize(centers[which] + torch.randn(30, 3), dim=1)
    found = clusters_of(rows, 3)
    assert len(set(zip(which.tolist(), found.tolist(), strict=True))) == 3
    assert torch.equal(found, clusters_of(rows, 3)), "the same in every run"


def test_images_of_a_colour_share_a_cluster_and_the_network_learns_it(tmp_path: Path) -> None:
    """Images without noise lie in as many clusters as colours, and the head tells them apart in the end."""
    method = ClusterFit(clusters=3)
    pool = tiny.images(22, 1, noise=0.0)
    args = tiny.arguments(tmp_path, supervised_weight=0.0, max_steps=12, learning_rate=1e-2)
    trainer = tiny.trained(tiny.IMAGES, args, methods=[method], unlabeled_dataset=pool)
    pairs = set(zip(pool.labels, method.cluster.tolist(), strict=True))
    assert len(pairs) == len(set(pool.labels)) == len(set(method.cluster.tolist()))
    terms = [line["loss_clusterfit"] for line in tiny.lines(trainer)]
    assert terms[-1] < 0.5 * terms[0]


@pytest.mark.parametrize(("size", "clusters"), [(22, 2), (620, 10)])
def test_a_cluster_has_as_many_images_as_published(tmp_path: Path, size: int, clusters: int) -> None:
    method = ClusterFit()
    pool = tiny.images(size, 1)
    trainer = tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[method], unlabeled_dataset=pool)
    assert trainer.training_module.methods[0].head.out_features == clusters


def test_more_clusters_than_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="makes 23 clusters of the unlabelled images, and knows of 22"):
        tiny.trainer(tiny.IMAGES, tiny.arguments(tmp_path), methods=[ClusterFit(clusters=23)]).train()
