"""What DST promises: heads apart, and a worst head whose gradient the features get reversed."""

import math

import pytest
import torch
import torch.nn.functional as F
from made_step import built, made_step
from torch import Tensor, nn

from hf_selftuning import DST
from hf_selftuning.core.step import Step
from hf_selftuning.functional.worst_case import log_mistake, reversed_gradient, rising_reversal
from hf_selftuning.modules.classifier import Rows

LABELED, LABELS = torch.tensor([[0.5, -1.0, 0.3, 0.8], [1.2, 0.1, -0.6, 0.4]]), torch.tensor([1, 2])


class TwoLayers(nn.Module):
    """Features from one layer, logits from another, so that gradients of both can be told apart."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.body, self.head = nn.Linear(4, 4), nn.Linear(4, 3)


def read(model: TwoLayers, inputs: dict[str, Tensor], rows: Tensor | None) -> Rows:
    features = model.body(inputs["pixel_values"])
    return Rows(features, model.head(features))


def step(student: nn.Module, finished: int = 10_000) -> Step:
    torch.manual_seed(4)
    views = {"weak.0": torch.randn(3, 4), "strong.0": torch.randn(3, 4)}
    made = made_step(student, views, labeled=LABELED, labels=LABELS, finished=finished, total=20_000)
    made._read = read
    return made


def gradients(term: Tensor, module: nn.Module) -> list[Tensor | None]:
    return list(torch.autograd.grad(term, list(module.parameters()), retain_graph=True, allow_unused=True))


def test_the_terms_are_the_papers_a_row_at_a_time() -> None:
    student = TwoLayers()
    method = built(DST(threshold=0.4, weight=0.5, worst_weight=3.0), student)
    given = step(student)
    found = method.terms(given)
    weak, strong = (given.student("unlabeled", view) for view in ("weak.0", "strong.0"))
    pseudo, unknown, known = [], [], []
    for i in range(3):
        p = weak.logits[i].softmax(0).tolist()
        label = p.index(max(p))
        pseudo.append(-math.log(method.pseudo_head(strong.features)[i].softmax(0)[label].item()) * (max(p) >= 0.4))
        unknown.append(-math.log(1 - method.worst_head(weak.features)[i].softmax(0)[label].item()))
    for row, label in zip(given.student("labeled", "weak.0").features, LABELS.tolist(), strict=True):
        known.append(-math.log(method.worst_head(row[None])[0].softmax(0)[label].item()))
    assert found["pseudo_label"].item() == pytest.approx(0.5 * sum(pseudo) / 3, rel=1e-4)
    assert found["worst_case"].item() == pytest.approx(3 * (2 * sum(known) / 2 + sum(unknown) / 3), rel=1e-4)


def test_pseudo_labels_do_not_train_the_head_that_gives_them() -> None:
    student = TwoLayers()
    method = built(DST(threshold=0.0), student)
    for term in method.terms(step(student)).values():
        assert gradients(term, student.head) == [None, None]
        assert all(g is not None for g in gradients(term, student.body))


def test_the_worst_head_descends_where_the_features_ascend() -> None:
    """The features' gradient is that of the plain loss times minus the reversal; the head's is the plain one."""
    student = TwoLayers()
    method = built(DST(reversal=0.5, reversal_steps=1), student)
    given = step(student)
    found = method.terms(given)["worst_case"]
    labels = given.student("unlabeled", "weak.0").logits.argmax(1)
    plain = 2 * F.cross_entropy(method.worst_head(student.body(LABELED)), LABELS)
    weak = method.worst_head(student.body(given.inputs("unlabeled", "weak.0")["pixel_values"]))
    plain = plain + log_mistake(weak, labels).mean()
    for mine, theirs in zip(gradients(found, student.body), gradients(plain, student.body), strict=True):
        torch.testing.assert_close(mine, -0.5 * theirs)
    for mine, theirs in zip(gradients(found, method.worst_head), gradients(plain, method.worst_head), strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_mistake_costs_less_the_surer_it_is() -> None:
    logits, labels = torch.tensor([[2.0, 0.0, 1.0], [0.0, 50.0, 0.0]]), torch.tensor([0, 1])
    p = logits[0].softmax(0)[0].item()
    found = log_mistake(logits, labels)
    assert found[0].item() == pytest.approx(-math.log(1 - p), rel=1e-5)
    assert found[1].item() == pytest.approx(50 - math.log(2), rel=1e-5), "finite where 1 - p is 0 in float32"


def test_the_reversal_rises_from_nothing() -> None:
    assert rising_reversal(0.1, 0, 1000) == 0
    assert rising_reversal(0.1, -5, 1000) == 0
    assert rising_reversal(0.1, 1000, 1000) == pytest.approx(0.1 * (2 / (1 + math.exp(-1)) - 1), rel=1e-5)
    assert rising_reversal(0.1, 10**6, 1000) == pytest.approx(0.1)


def test_reversed_values_are_the_values_to_the_bit() -> None:
    values = torch.randn(100, requires_grad=True)
    assert torch.equal(reversed_gradient(values, 0.3), values)
