"""What MixMatch and ReMixMatch promise: whose guesses, mixed with whom, and which terms."""

import math
from collections.abc import Callable

import pytest
import torch
from made_step import built, logits, made_step
from torch import Tensor, nn

from hf_selftuning.core.method import Method
from hf_selftuning.core.step import Progress, Step
from hf_selftuning.methods import MixMatch, ReMixMatch, mixmatch, remixmatch

FIRST, SECOND = [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]]
LABELED, LABELS = [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]], [1, 0, 2]


def sharpened(row: list[float], temperature: float = 0.5) -> list[float]:
    powers = [p ** (1 / temperature) for p in row]
    return [power / sum(powers) for power in powers]


def cross_entropy(target: list[float], prediction: list[float]) -> float:
    return -sum(q * math.log(p) for q, p in zip(target, prediction, strict=True))


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def step(student: nn.Module, views: dict[str, Tensor]) -> Step:
    return made_step(student, views, labeled=logits(*LABELED), labels=torch.tensor(LABELS))


@pytest.fixture
def unmixed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Tensor]:
    """Mixing weights of 1, so that examples stay as they are; hands out the targets that were to be mixed."""
    asked: list[Tensor] = []

    def join(views, targets, alpha):
        asked.append(targets)
        return {name: torch.cat([view[name] for view in views]) for name in views[0]}, targets

    for module in (mixmatch, remixmatch):
        monkeypatch.setattr(module, "mix_up", join)
    return lambda: asked[-1]


# ---- MixMatch ----


def mixmatch_guesses() -> list[list[float]]:
    """Mean of both draws' predictions, sharpened."""
    return [
        sharpened([(p + q) / 2 for p, q in zip(one, other, strict=True)])
        for one, other in zip(FIRST, SECOND, strict=True)
    ]


def test_mixmatchs_terms_are_those_of_its_algorithm(unmixed) -> None:
    views = {"weak.0": logits(*FIRST), "weak.1": logits(*SECOND)}
    found = MixMatch(weight=3.0).terms(step(nn.Identity(), views))
    guesses = mixmatch_guesses()
    torch.testing.assert_close(unmixed()[3:], torch.tensor(guesses + guesses))
    labelled = mean([-math.log(row[c]) for row, c in zip(LABELED, LABELS, strict=True)])
    assert found["supervised"].item() == pytest.approx(labelled, rel=1e-5)
    squares = [
        sum((p - q) ** 2 for p, q in zip(row, guess, strict=True)) / 3
        for rows in (FIRST, SECOND)
        for row, guess in zip(rows, guesses, strict=True)
    ]
    assert found["consistency"].item() == pytest.approx(3 * mean(squares), rel=1e-5)


def test_mixmatch_mixes_labelled_examples_with_unlabelled_ones_and_their_targets_likewise() -> None:
    """Of a student that is a constant the supervised term is linear in the targets, so it tells whose they were."""
    student = nn.Linear(3, 3)
    with torch.no_grad():
        student.weight.zero_()
        student.bias.copy_(torch.tensor([0.6, 0.3, 0.1]).log())
    views = {"weak.0": torch.zeros(2, 3), "weak.1": torch.zeros(2, 3)}
    plain = mean([-math.log([0.6, 0.3, 0.1][c]) for c in LABELS])
    guess = cross_entropy(sharpened([0.6, 0.3, 0.1]), [0.6, 0.3, 0.1])
    torch.manual_seed(0)
    found = [MixMatch().terms(step(student, views))["supervised"].item() for _ in range(20)]
    assert min(found) < plain - 0.05
    assert min(found) >= min(plain, guess)


def test_no_gradient_reaches_mixmatchs_guess(unmixed) -> None:
    student = nn.Linear(3, 3)
    views = {"weak.0": logits(*FIRST), "weak.1": logits(*SECOND)}
    MixMatch().terms(step(student, views))["consistency"].backward()
    assert not unmixed().requires_grad
    assert student.weight.grad is not None


@pytest.mark.parametrize("draws", [1, 3])
def test_mixmatch_takes_as_many_draws_as_asked(draws: int) -> None:
    method = MixMatch(draws=draws)
    assert method.views().unlabeled == tuple(f"weak.{k}" for k in range(draws))
    views = {view: logits(*FIRST) for view in method.views().unlabeled}
    assert torch.isfinite(method.terms(step(nn.Identity(), views))["consistency"])


@pytest.mark.parametrize("settings", [{"draws": 0}, {"temperature": 0.0}, {"alpha": 0.0}])
def test_settings_without_meaning_are_refused(settings: dict) -> None:
    for method in (MixMatch, ReMixMatch):
        with pytest.raises(ValueError, match="must be positive; the default is"):
            method(**settings)


# ---- ReMixMatch ----


def remixmatch_of(student: nn.Module, **settings) -> Method:
    method = built(ReMixMatch(**settings), student, dim=3)
    method.prediction.value.copy_(torch.tensor([0.5, 0.3, 0.2]))
    method.labels.value.copy_(torch.tensor([0.2, 0.4, 0.4]))
    return method


def remixmatch_guesses() -> list[list[float]]:
    """p * labels / predictions, normalised and sharpened."""
    found = []
    for row in FIRST:
        ratio = [p * t / r for p, t, r in zip(row, [0.2, 0.4, 0.4], [0.5, 0.3, 0.2], strict=True)]
        found.append(sharpened([value / sum(ratio) for value in ratio]))
    return found


VIEWS = {"weak.0": FIRST, "strong.0": SECOND, "strong.1": [[0.4, 0.4, 0.2], [0.2, 0.2, 0.6]]}


def test_remixmatchs_terms_are_those_of_its_algorithm(unmixed) -> None:
    method = remixmatch_of(nn.Identity(), rotation_weight=0.0)
    found = method.terms(step(nn.Identity(), {name: logits(*rows) for name, rows in VIEWS.items()}))
    guesses = remixmatch_guesses()
    torch.testing.assert_close(unmixed()[3:], torch.tensor(guesses * 3), rtol=1e-4, atol=1e-5)
    labelled = mean([-math.log(row[c]) for row, c in zip(LABELED, LABELS, strict=True)])
    mixed = mean([cross_entropy(q, p) for rows in VIEWS.values() for q, p in zip(guesses, rows, strict=True)])
    anchor = mean([cross_entropy(q, p) for q, p in zip(guesses, SECOND, strict=True)])
    assert found["supervised"].item() == pytest.approx(labelled, rel=1e-4)
    assert found["mixed"].item() == pytest.approx(1.5 * mixed, rel=1e-4)
    assert found["anchor"].item() == pytest.approx(0.5 * anchor, rel=1e-4)
    assert found.keys() == {"supervised", "mixed", "anchor"}


def test_remixmatchs_distributions_follow_the_labels_and_the_weak_predictions() -> None:
    method = remixmatch_of(nn.Identity(), momentum=0.9, rotation_weight=0.0)
    method.terms(step(nn.Identity(), {name: logits(*rows) for name, rows in VIEWS.items()}))
    method.settle(Progress(1, 100))
    third = 0.1 / 3
    torch.testing.assert_close(method.labels.value, torch.tensor([0.18 + third, 0.36 + third, 0.36 + third]))
    torch.testing.assert_close(
        method.prediction.value, 0.9 * torch.tensor([0.5, 0.3, 0.2]) + 0.1 * torch.tensor(FIRST).mean(0)
    )


class Flat(nn.Module):
    """A student of images (n, 1, 2, 2), whose features are their four values."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(4, 3)

    def forward(self, features: Tensor) -> Tensor:
        return self.classifier(features)


def test_the_turn_of_a_strong_view_is_told_by_a_head_of_its_own() -> None:
    """A head that looks at which corner is lit is always right; one that knows nothing is wrong by log 4."""
    corner = torch.zeros(16, 1, 2, 2)
    corner[:, :, 0, 0] = 1
    views = dict.fromkeys(("weak.0", "strong.0", "strong.1"), corner)
    method = built(ReMixMatch(rotation_weight=1.0), Flat(), dim=4)
    given = {"labeled": torch.rand(2, 1, 2, 2), "labels": torch.tensor([0, 1])}
    with torch.no_grad():
        method.rotation.weight.zero_()
        method.rotation.bias.zero_()
    assert method.terms(made_step(Flat(), views, **given))["rotation"].item() == pytest.approx(math.log(4), rel=1e-5)
    with torch.no_grad():
        # Quarters to the left take the upper left corner to the lower left, lower right, upper right.
        for quarters, place in enumerate([0, 2, 3, 1]):
            method.rotation.weight[quarters, place] = 50
    assert method.terms(made_step(Flat(), views, **given))["rotation"].item() < 1e-6


def test_terms_without_weight_cost_no_pass() -> None:
    method = built(ReMixMatch(rotation_weight=0.0, anchor_weight=0.0), nn.Identity(), dim=3)
    student, passes = nn.Linear(3, 3), []
    student.register_forward_hook(lambda *_: passes.append(1))
    found = method.terms(step(student, {name: logits(*rows) for name, rows in VIEWS.items()}))
    assert found.keys() == {"supervised", "mixed"}
    assert len(passes) == 2
