"""What a method author gets wrong, each refused in a sentence with the method's name and the way out."""

import dataclasses
import functools
import re
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from given_method import Made, batch_of_both, objective_of, one_step
from torch import Tensor, nn

from hf_selftuning import (
    BuildContext,
    ClassQueues,
    EmaCopy,
    Method,
    RunningMean,
    Step,
    setting,
)

# ---- terms ----


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (lambda: torch.zeros(4), r"a tensor of shape \(4,\)"),
        (lambda: torch.zeros(1, 1), r"a tensor of shape \(1, 1\)"),
        (lambda: 0.5, "a float"),
        (lambda: None, "None"),
    ],
)
def test_a_term_that_is_no_scalar_is_a_sentence(value: Callable, found: str) -> None:
    message = rf"Made returns {found} as its term 'made', and a term is a scalar tensor; take .* step\.mean\(stream"
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: {"made": value()}))


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (lambda: None, "None"),
        (lambda: torch.tensor(1.0), "a tensor of shape ()"),
        (lambda: [torch.tensor(1.0)], "a list"),
    ],
)
def test_terms_without_names_are_a_sentence(terms: Callable, found: str) -> None:
    message = (
        f"Made returns {found} from `terms`, and terms are a dict of scalar tensors by name; "
        "return {'name': value}, or {} where there is no term."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        one_step(Made(answer=lambda step: terms()))


def test_two_methods_with_one_term_name_are_refused() -> None:
    both = (Made(answer=lambda step: {"made": torch.tensor(1.0)}) for _ in range(2))
    with pytest.raises(ValueError, match="Made and another method both name a loss term made; let each name its own"):
        one_step(*both)


# ---- state ----


@dataclasses.dataclass
class Box:
    """A dataclass around anything."""

    inside: Any


@dataclasses.dataclass(slots=True)
class SlotBox(Box):
    """One without a dictionary."""


WRAPS = [
    (lambda part: [part], "list"),
    (lambda part: {"a": (part,)}, "dict"),
    (lambda part: {part: "a"}, "dict"),
    (lambda part: {part}, "set"),
    (lambda part: frozenset([part]), "frozenset"),
    (lambda part: deque([part]), "deque"),
    (Box, "Box"),
    (SlotBox, "SlotBox"),
    (lambda part: SimpleNamespace(inside=[part]), "SimpleNamespace"),
    (lambda part: functools.partial(print, part), "partial"),
    (lambda part: functools.partial(print, end=part), "partial"),
    (lambda part: lambda: part, "function"),
    (lambda part: lambda used=part: used, "function"),
    (lambda part: part.forward, "method"),
]


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda context: EmaCopy(context.student, 0.9), "an EmaCopy"),
        (lambda context: RunningMean(torch.zeros(3), 0.9), "a RunningMean"),
        (lambda context: ClassQueues(context.classes, 2, context.width), "a ClassQueues"),
        (lambda context: nn.Linear(context.width, 4), "a Linear"),
    ],
)
@pytest.mark.parametrize(("wrap", "kind"), WRAPS, ids=lambda wrap: wrap if isinstance(wrap, str) else "")
def test_a_part_that_nothing_would_move_or_save_is_a_sentence(
    make: Callable, named: str, wrap: Callable, kind: str
) -> None:
    def state(method: Method, context: BuildContext) -> None:
        method.hidden = wrap(make(context))

    message = (
        f"Made keeps {named} in `hidden`, a plain {kind}, where it is neither moved after a step nor trained nor "
        "saved; make it an attribute of its own, or keep several in an nn.ModuleList or nn.ModuleDict."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        objective_of(Made(state=state))


def test_a_part_that_terms_made_is_a_sentence_before_the_first_step() -> None:
    def registered(method: Method) -> None:
        method.late = nn.Linear(4, 4)

    def hidden(method: Method) -> None:
        method.late = [nn.Linear(4, 4)]

    message = "Made makes a Linear after `build`, too late to be trained, and a resumed run would lack it; make it in "
    for answer in (registered, hidden):
        objective = objective_of(method := Made())
        method.answer = lambda step, method=method, answer=answer: answer(method) or {"made": torch.tensor(1.0)}
        objective(batch_of_both())
        with pytest.raises(ValueError, match=f"^{re.escape(message)}`build`\\.$"):
            objective.before_step()


def test_what_terms_remember_beside_the_parts_is_fine() -> None:
    def answer(step: Step) -> dict[str, Tensor]:
        rows = step.guess("labeled", "weak.0")
        method.last, method.loss, method.watched = rows.logits, nn.CrossEntropyLoss(), (step.module("vit"),)
        return {"made": rows.logits.sum()}

    method = Made(answer=answer)
    objective = objective_of(method)
    for _ in range(2):
        objective(batch_of_both())
        objective.before_step()


def test_a_container_that_holds_itself_and_functions_of_the_method_are_fine() -> None:
    def state(method: Method, context: BuildContext) -> None:
        method.round = [context]
        method.round.append(method.round)
        method.own = [method.terms, lambda: method, functools.partial(method.pseudo_labels, context.student)]
        method.followed = lambda: context.student.classifier.weight

    objective_of(Made(state=state))


def test_a_tensor_that_is_no_buffer_is_a_sentence() -> None:
    def state(method: Method, context: BuildContext) -> None:
        method.prior = torch.ones(context.classes)

    message = r"Made keeps a tensor in `prior`, .* register it: self\.register_buffer\('prior', \.\.\.\)"
    with pytest.raises(ValueError, match=message):
        objective_of(Made(state=state))


def test_parts_in_a_module_list_and_the_student_in_a_tuple_are_fine() -> None:
    def state(method: Method, context: BuildContext) -> None:
        method.copies = nn.ModuleList([EmaCopy(context.student, 0.9), EmaCopy(context.student, 0.5)])
        method.followed = (context.student, context.student.classifier)

    made = objective_of(Made(state=state)).methods[0]
    assert len(made._parts()) == 2


# ---- settings that a stage fills ----


def test_what_no_stage_leaves_is_refused() -> None:
    with pytest.raises(ValueError, match="from_stage='teacher' is nothing that a stage leaves; take class"):
        setting(None, "folder", from_stage="teacher")
