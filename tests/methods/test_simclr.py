"""SimCLR's contrast against loops, and the projector whose middle SimCLRv2 goes on from."""

import math
from pathlib import Path

import pytest
import tiny
import torch
import torch.nn.functional as F
from made_step import built, made_step, terms
from torch import Tensor, nn

from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.functional.losses import two_view_contrast
from hf_selftuning.methods import SimCLR, SimCLRv2
from hf_selftuning.modules.method_state import save_side_state


def slow_contrast(first: Tensor, second: Tensor, temperature: float) -> list[float]:
    """Of each row, the mean over its two views of how badly either finds the other among all."""
    n, views = len(first), [*first, *second]
    losses = []
    for i in range(2 * n):
        scores = {j: math.exp((views[i] @ views[j]).item() / temperature) for j in range(2 * n) if j != i}
        losses.append(-math.log(scores[(i + n) % (2 * n)] / sum(scores.values())))
    return [(losses[row] + losses[row + n]) / 2 for row in range(n)]


def test_the_contrast_equals_loops_over_all_other_views() -> None:
    first, second = (F.normalize(torch.randn(4, 5), dim=1) for _ in range(2))
    found = two_view_contrast(first, second, temperature=0.3).tolist()
    assert found == pytest.approx(slow_contrast(first, second, 0.3), rel=1e-4)


@pytest.mark.parametrize("view", ["weak", "strong"])
def test_the_term_is_the_weighted_mean_contrast_of_both_projected_draws_of_its_view(view: str) -> None:
    method = built(SimCLR(weight=0.5, temperature=0.3, view=view), nn.Identity())
    views = {f"{kind}.{draw}": torch.randn(3, 4) for kind in ("weak", "strong") for draw in (0, 1)}
    first, second = (F.normalize(method.projector(views[f"{view}.{draw}"]), dim=1) for draw in (0, 1))
    found = terms(method, nn.Identity(), views)
    assert found.keys() == {"simclr"}
    assert found["simclr"].item() == pytest.approx(0.5 * sum(slow_contrast(first, second, 0.3)) / 3, rel=1e-4)


def test_the_term_from_the_middle_is_the_weighted_cross_entropy_behind_one_hidden_layer() -> None:
    method = built(SimCLRv2(weight=0.5), nn.Identity())
    (linear, norm, _), classifier = method.middle_head
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, 1.0, 1.5, 2.0]))
    features, labels = torch.randn(3, 4), [2, 0, 1]
    losses = []
    for row, label in zip(features, labels, strict=True):
        hidden = (linear.weight @ row).tolist()
        mean = sum(hidden) / 4
        deviation = math.sqrt(sum((value - mean) ** 2 for value in hidden) / 4 + norm.eps)
        scaled = [(value - mean) / deviation * w.item() for value, w in zip(hidden, norm.weight, strict=True)]
        shown = torch.tensor([max(0.0, value) for value in scaled])
        scores = (classifier.weight @ shown + classifier.bias).exp().tolist()
        losses.append(-math.log(scores[label] / sum(scores)))
    step = made_step(nn.Identity(), {"weak.0": torch.zeros(1, 4)}, labeled=features, labels=torch.tensor(labels))
    assert method.terms(step)["middle"].item() == pytest.approx(0.5 * sum(losses) / 3, rel=1e-4)


def test_a_row_alone_has_nothing_to_be_told_from() -> None:
    row = F.normalize(torch.randn(1, 5), dim=1)
    assert two_view_contrast(row, row, temperature=0.1).tolist() == [0.0]


def test_without_the_supervised_loss_no_label_reaches_the_network(tmp_path: Path) -> None:
    found = []
    for seed in (0, 5):
        args = tiny.arguments(tmp_path, supervised_weight=0.0, max_steps=3)
        labels = torch.randint(0, 3, (10,), generator=torch.Generator().manual_seed(seed)).tolist()
        images = tiny.Images([0] * 10)
        given = [{**images[i], "labels": labels[i]} for i in range(10)] if seed else images
        trainer = tiny.trained(tiny.IMAGES, args, methods=[SimCLR()], train_dataset=given)
        assert all(line["loss_supervised"] == 0 < line["loss_simclr"] for line in tiny.lines(trainer))
        found.append(trainer.model.state_dict())
    tiny.assert_same(*found)


def test_fine_tuning_goes_on_from_the_middle_of_the_projector(tmp_path: Path) -> None:
    pretraining = SimCLR()
    trainer = tiny.trained(tiny.IMAGES, tiny.arguments(tmp_path), methods=[pretraining])
    trainer.save_model()
    save_side_state(trainer.training_module.methods, trainer.model, {}, str(tmp_path))
    method = SimCLRv2(projector=str(tmp_path))
    method.build(BuildContext(trainer.model, 16, 3))
    tiny.assert_same(method.middle_head[0].state_dict(), pretraining.projector[0].state_dict())


def test_a_folder_without_a_projector_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no projector of SimCLR; give the folder of a simclr stage"):
        SimCLRv2(projector=str(tmp_path)).build(BuildContext(tiny.vit(), 16, 3))


def test_a_projector_without_a_middle_is_refused() -> None:
    with pytest.raises(ValueError, match="projector_layers=1 must be at least 2, so that it has a middle"):
        SimCLR(projector_layers=1)


def test_the_contrast_is_computed_in_float32_under_autocast() -> None:
    first, second = (F.normalize(torch.randn(4, 5), dim=1) for _ in range(2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = two_view_contrast(first, second, temperature=0.1)
    assert torch.equal(found, two_view_contrast(first, second, temperature=0.1))
