"""What Pi-model, Mean Teacher and UDA promise: two views should get the same prediction."""

import math

import pytest
import torch
from made_step import built, logits, made_step, terms
from torch import nn

from hf_selftuning.core.step import Progress
from hf_selftuning.methods import UDA, MeanTeacher, PiModel
from hf_selftuning.methods.uda import signal_threshold
from hf_selftuning.modules.ema import rising_momentum

FIRST, SECOND = [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]]


def mean_squared_distance(first: list[list[float]], second: list[list[float]]) -> float:
    rows = [
        sum((p - q) ** 2 for p, q in zip(one, other, strict=True)) / len(one)
        for one, other in zip(first, second, strict=True)
    ]
    return sum(rows) / len(rows)


def linear(seed: int) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(4, 3)


# ---- Pi-model ----


def test_the_pi_model_is_the_mean_squared_distance_of_two_predictions() -> None:
    views = {"weak.0": logits(*FIRST), "weak.1": logits(*SECOND)}
    found = terms(PiModel(weight=2.0), nn.Identity(), views)
    assert found["consistency"].item() == pytest.approx(2 * mean_squared_distance(FIRST, SECOND), rel=1e-5)


def test_both_views_of_the_pi_model_are_taught() -> None:
    views = {"weak.0": logits(*FIRST).requires_grad_(), "weak.1": logits(*SECOND).requires_grad_()}
    terms(PiModel(), nn.Identity(), views)["consistency"].backward()
    for view in views.values():
        assert view.grad is not None
        assert view.grad.abs().sum() > 0


# ---- Mean Teacher ----


def test_the_target_is_the_teachers_and_not_the_students() -> None:
    """The teacher is another model here; the term is the distance of both predictions, each on its own view."""
    teacher, student = linear(0), linear(1)
    method = built(MeanTeacher(weight=1.0), teacher)
    views = {"weak.0": torch.randn(5, 4), "weak.1": torch.randn(5, 4)}
    with torch.no_grad():
        mine, theirs = student(views["weak.0"]).softmax(1), teacher(views["weak.1"]).softmax(1)
    found = terms(method, student, views)["consistency"].item()
    assert found == pytest.approx(mean_squared_distance(mine.tolist(), theirs.tolist()), rel=1e-5)


def test_the_term_moves_when_only_the_teacher_moves() -> None:
    student, views = linear(0), {"weak.0": torch.ones(1, 4), "weak.1": torch.ones(1, 4)}
    method = built(MeanTeacher(), student)
    assert terms(method, student, views)["consistency"].item() == 0
    with torch.no_grad():
        method.teacher.module.bias += torch.tensor([1.0, 0.0, 0.0])
    assert terms(method, student, views)["consistency"].item() > 0


def test_the_teacher_gets_no_gradient_and_the_student_does() -> None:
    student = linear(1)
    method = built(MeanTeacher(), linear(0))
    terms(method, student, {"weak.0": torch.ones(1, 4), "weak.1": torch.ones(1, 4)})["consistency"].backward()
    assert student.weight.grad is not None
    assert student.weight.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in method.parameters())


def test_the_teacher_follows_the_student_by_the_published_momentum() -> None:
    student = linear(0)
    method, slow = built(MeanTeacher(momentum=0.7), student), student.weight.detach().clone()
    for finished in range(1, 7):
        with torch.no_grad():
            student.weight += finished
        method.settle(Progress(finished, 100))
        momentum = min(0.7, 1 - 1 / (finished + 1))
        slow = momentum * slow + (1 - momentum) * student.weight.detach()
        torch.testing.assert_close(method.teacher.module.weight, slow)


def test_the_momentum_rises_to_its_greatest() -> None:
    assert [rising_momentum(0.7, step) for step in (0, 1, 2, 100)] == pytest.approx([0, 1 / 2, 2 / 3, 0.7])


def test_the_teacher_is_the_student_when_the_warm_up_ends() -> None:
    student = linear(0)
    method = built(MeanTeacher(warmup_ratio=0.5), student)
    start = student.weight.detach().clone()
    with torch.no_grad():
        student.weight += 1
    method.settle(Progress(49, 100))
    torch.testing.assert_close(method.teacher.module.weight, start)
    method.settle(Progress(50, 100))
    torch.testing.assert_close(method.teacher.module.weight, student.weight.detach())


# ---- UDA ----


def slow_uda(weak: list[list[float]], strong: list[list[float]], threshold: float, temperature: float) -> float:
    losses = []
    for target, prediction in zip(weak, strong, strict=True):
        powers = [p ** (1 / temperature) for p in target]
        sharp = [power / sum(powers) for power in powers]
        divergence = sum(q * (math.log(q) - math.log(p)) for q, p in zip(sharp, prediction, strict=True))
        losses.append(divergence * (max(target) > threshold))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(("threshold", "temperature"), [(0.0, 1.0), (0.75, 0.4), (0.9, 0.4)])
def test_uda_is_the_divergence_from_the_sharpened_confident_prediction(threshold: float, temperature: float) -> None:
    method = UDA(threshold=threshold, temperature=temperature)
    found = terms(method, nn.Identity(), {"weak.0": logits(*FIRST), "strong.0": logits(*SECOND)})["consistency"]
    assert found.item() == pytest.approx(slow_uda(FIRST, SECOND, threshold, temperature), rel=1e-5, abs=1e-7)


def test_the_temperature_of_uda_sharpens_the_target_and_leaves_the_taught_prediction_alone() -> None:
    """Where the strong view predicts the sharpened target the term is 0: the temperature is on one side alone."""
    weak = torch.randn(4, 3)
    found = terms(UDA(threshold=0.0, temperature=0.4), nn.Identity(), {"weak.0": weak, "strong.0": weak / 0.4})
    assert found["consistency"].item() == pytest.approx(0, abs=1e-6)


def test_only_the_strong_view_of_uda_is_taught() -> None:
    views = {"weak.0": logits(*FIRST).requires_grad_(), "strong.0": logits(*SECOND).requires_grad_()}
    terms(UDA(threshold=0.0), nn.Identity(), views)["consistency"].backward()
    assert views["weak.0"].grad is None
    assert views["strong.0"].grad is not None


@pytest.mark.parametrize(
    ("schedule", "middle"), [("linear", 0.5), ("log", 1 - math.exp(-2.5)), ("exp", math.exp(-2.5))]
)
def test_the_signal_is_annealed_from_chance_to_one(schedule: str, middle: float) -> None:
    assert signal_threshold(schedule, 0.5, 4) == pytest.approx(middle * 0.75 + 0.25)
    assert signal_threshold(schedule, 1.0, 4) == pytest.approx(1, abs=0.01)
    assert signal_threshold(schedule, 0.0, 4) == pytest.approx(0.25, abs=0.01)


def test_labelled_rows_that_are_predicted_well_already_do_not_count() -> None:
    """Halfway, of two classes, 0.75 is the greatest probability that counts: the mean is over the second row alone."""
    labeled, labels = logits([0.8, 0.2], [0.4, 0.6], [0.1, 0.9]), torch.tensor([0, 0, 1])
    unlabeled = {"weak.0": torch.zeros(1, 2), "strong.0": torch.zeros(1, 2)}
    step = made_step(nn.Identity(), unlabeled, labeled=labeled, labels=labels, finished=50)
    found = UDA(annealing="linear").terms(step)
    assert found["supervised"].item() == pytest.approx(-math.log(0.4), rel=1e-5)


def test_without_annealing_uda_leaves_the_labels_to_plain_cross_entropy() -> None:
    assert terms(UDA(), nn.Identity(), {"weak.0": torch.zeros(1, 2), "strong.0": torch.zeros(1, 2)}).keys() == {
        "consistency"
    }


def test_a_schedule_that_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="annealing='cosine', which is unknown; take linear or log or exp"):
        UDA(annealing="cosine")


def test_a_temperature_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"temperature=0\.0, which must be positive; the default is 0\.4"):
        UDA(temperature=0.0)
