"""Names of classes in the forecast: they count as a run would count them."""

import torch

from hf_selftuning.experiment.outlook.frozen_parts import FrozenPart, FrozenParts
from hf_selftuning.experiment.outlook.outlook import Outlook, outlook_of

CLASSES = 5
CENTERS = torch.randn(CLASSES, 16, generator=torch.Generator().manual_seed(0)) * 4
NAMES = [f"class {number}" for number in range(CLASSES)]


def part(rows: int, seed: int) -> FrozenPart:
    labels = torch.arange(CLASSES).repeat(rows)
    noise = torch.randn(len(labels), 16, generator=torch.Generator().manual_seed(seed))
    return FrozenPart(CENTERS[labels] + noise, labels, [f"example {place}" for place in range(len(labels))], rows)


def foretold(names: torch.Tensor | None) -> Outlook:
    parts = {"labeled": part(1, seed=1), "unlabeled": part(20, seed=2)}
    named = None if names is None else (names, torch.arange(CLASSES))
    return outlook_of(FrozenParts(parts, "", 0.0, named), NAMES)


def test_names_give_a_score_where_each_class_has_one_label() -> None:
    plain, named = foretold(None), foretold(CENTERS)
    assert plain.held_out is None
    assert plain.naming is None
    assert named.held_out is not None
    assert named.held_out.spread.argmax(1).tolist() == named.held_out.labels.tolist()
    assert named.naming == (
        "names of classes count as labelled examples (the nearest name is right for 100.0% of the labelled ones)"
    )


def test_names_that_are_nearest_to_other_classes_change_no_prediction() -> None:
    plain, named = foretold(None), foretold(CENTERS.roll(1, 0))
    assert plain.pool is not None
    assert named.pool is not None
    assert torch.equal(named.pool.probed, plain.pool.probed)
    assert named.naming is not None
    assert "do not count" in named.naming
