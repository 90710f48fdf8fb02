"""What SimMatch promises: predictions and similarities that correct each other, against loops over the memory."""

import math

import pytest
import torch
import torch.nn.functional as F
from made_step import built, made_step
from torch import Tensor, nn

from hf_selftuning import SimMatch
from hf_selftuning.core.step import Progress
from hf_selftuning.functional.instance_similarity import aggregated, instance_similarity, unfolded

MEMORY = F.normalize(torch.tensor([[1.0, 0.2], [0.3, 1.0], [-1.0, 0.4], [0.5, -1.0]]), dim=1)
LABELS = [0, 1, 1, 2]
ROWS = F.normalize(torch.tensor([[0.9, 0.3], [-0.2, 0.8]]), dim=1)
PREDICTIONS = [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]


def slow_similarity(row: Tensor, filled: list[bool], temperature: float) -> list[float]:
    scores = [math.exp((row @ key).item() / temperature) * there for key, there in zip(MEMORY, filled, strict=True)]
    return [score / sum(scores) for score in scores]


def slow_unfolded(similarity: list[float], prediction: list[float]) -> list[float]:
    both = [s * prediction[label] for s, label in zip(similarity, LABELS, strict=True)]
    return [value / sum(both) for value in both]


def slow_aggregated(similarity: list[float]) -> list[float]:
    return [sum(s for s, label in zip(similarity, LABELS, strict=True) if label == c) for c in range(3)]


@pytest.mark.parametrize("filled", [[True] * 4, [True, False, True, True]])
def test_similarities_unfold_and_aggregate_as_loops_over_the_memory(filled: list[bool]) -> None:
    there = torch.tensor(filled)
    found = instance_similarity(ROWS, MEMORY, there, temperature=0.3)
    similarity = found.exp() * there
    slow = [slow_similarity(row, filled, 0.3) for row in ROWS]
    torch.testing.assert_close(similarity, torch.tensor(slow))
    labels = torch.tensor(LABELS)
    expected = [slow_unfolded(s, p) for s, p in zip(slow, PREDICTIONS, strict=True)]
    torch.testing.assert_close(unfolded(similarity, torch.tensor(PREDICTIONS), labels), torch.tensor(expected))
    torch.testing.assert_close(aggregated(similarity, labels, 3), torch.tensor([slow_aggregated(s) for s in slow]))
    assert (found[:, ~there] == 0).all()


def method_with_memory() -> SimMatch:
    """Two keys a class; the second one of the last class is missing."""
    method = built(SimMatch(queue_size=2, temperature=0.3, threshold=0.5, smoothing=0.8, projector_dim=2), STUDENT)
    method.memory.enqueue(torch.cat([MEMORY, ROWS[:1]]), torch.tensor([0, 1, 1, 2, 0]))
    method.prediction.value.copy_(torch.tensor([0.5, 0.3, 0.2]))
    return method


torch.manual_seed(1)
STUDENT = nn.Linear(4, 3)
VIEWS = {"weak.0": torch.randn(3, 4), "strong.0": torch.randn(3, 4)}


def slow_terms(method: SimMatch) -> tuple[float, float]:
    """Equations of the paper, a row and an embedding at a time."""
    keys, filled = method.memory.read().flatten(0, 1), method.memory.filled.flatten().tolist()
    classes = [0, 0, 1, 1, 2, 2]
    pseudo, instance = [], []

    def similarity(view: str, i: int) -> list[float]:
        row = F.normalize(method.projector(VIEWS[view][i : i + 1]), dim=1)[0]
        scores = [math.exp((row @ key).item() / 0.3) * there for key, there in zip(keys, filled, strict=True)]
        return [score / sum(scores) for score in scores]

    for i in range(3):
        ratio = [p / q for p, q in zip(softmax(STUDENT(VIEWS["weak.0"][i])), [0.5, 0.3, 0.2], strict=True)]
        p = [value / sum(ratio) for value in ratio]
        weak, strong = similarity("weak.0", i), similarity("strong.0", i)
        by_class = [sum(s for s, label in zip(weak, classes, strict=True) if label == c) for c in range(3)]
        target = [0.8 * a + 0.2 * b for a, b in zip(p, by_class, strict=True)]
        logs = [math.log(value) for value in softmax(STUDENT(VIEWS["strong.0"][i]))]
        pseudo.append(-sum(q * log for q, log in zip(target, logs, strict=True)) * (max(target) >= 0.5))
        both = [s * p[label] for s, label in zip(weak, classes, strict=True)]
        instance.append(-sum(b / sum(both) * math.log(s) for b, s in zip(both, strong, strict=True) if s))
    return sum(pseudo) / 3, sum(instance) / 3


def softmax(row: Tensor) -> list[float]:
    return row.softmax(0).tolist()


def test_both_terms_are_the_papers() -> None:
    method = method_with_memory()
    found = method.terms(made_step(STUDENT, VIEWS))
    pseudo, instance = slow_terms(method)
    assert found["pseudo_label"].item() == pytest.approx(pseudo, rel=1e-4)
    assert found["instance"].item() == pytest.approx(instance, rel=1e-4)


def test_an_empty_memory_changes_no_label_and_costs_nothing() -> None:
    method = built(SimMatch(threshold=0.0, smoothing=0.1), STUDENT)
    found = method.terms(made_step(STUDENT, VIEWS))
    target = STUDENT(VIEWS["weak.0"]).softmax(1).detach()
    expected = F.cross_entropy(STUDENT(VIEWS["strong.0"]), target)
    torch.testing.assert_close(found["pseudo_label"], expected)
    assert found["instance"].item() == 0
    torch.stack(list(found.values())).sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in [*STUDENT.parameters(), *method.parameters()])


def test_the_memory_holds_labelled_projections_alone() -> None:
    method = built(SimMatch(queue_size=2), STUDENT)
    labeled, labels = torch.randn(3, 4), torch.tensor([2, 0, 2])
    method.terms(made_step(STUDENT, VIEWS, labeled=labeled, labels=labels))
    method.settle(Progress(1, 100))
    assert method.memory.written.tolist() == [1, 0, 2]
    expected = F.normalize(method.projector(labeled), dim=1)
    torch.testing.assert_close(method.memory.read()[2], expected[[0, 2]])


def test_the_supervised_loss_and_the_memory_share_one_pass() -> None:
    """As docs/methods.md counts the passes: labelled once, unlabelled weak and strong once each."""
    passes: list[int] = []
    student = nn.Linear(4, 3)
    student.register_forward_hook(lambda *_: passes.append(1))
    step = made_step(student, VIEWS)
    built(SimMatch(), student).terms(step)
    assert step.student("labeled", "weak.0").logits.requires_grad
    assert len(passes) == 3
