"""What a method author gets wrong, each refused in a sentence with the method's name and the way out."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
import tiny
import torch
from torch import Tensor, nn

from hf_selftuning import (
    BuildContext,
    ClassQueues,
    EmaCopy,
    ImageClassification,
    Method,
    RunningMean,
    SelfTuning,
    Step,
    Views,
    setting,
)
from hf_selftuning.core.objective import Objective
from hf_selftuning.core.step import Progress


@dataclasses.dataclass(kw_only=True, eq=False)
class Made(Method):
    """A method whose state a test makes from method and context, and whose terms from the step."""

    title = "Made"
    paper = "none"
    state: Any = None
    answer: Any = None

    def views(self) -> Views:
        return Views(unlabeled=("weak.0",))

    def build(self, context: BuildContext) -> None:
        if self.state is not None:
            self.state(self, context)

    def terms(self, step: Step) -> dict[str, Tensor]:
        return self.answer(step)


def objective_of(*methods: Method) -> Objective:
    objective = Objective(tiny.vit(), list(methods), ImageClassification(), num_classes=3)
    objective.progress = Progress(1, 10)
    return objective


def one_step(*methods: Method, unlabeled: bool = True) -> dict[str, Tensor]:
    views = {"weak.0": {"pixel_values": torch.zeros(2, 3, 32, 32)}}
    batch = {"labeled": {"views": views, "labels": torch.tensor([0, 1]), "weight": 0.5}}
    batch |= {"unlabeled": {"views": views, "weight": 0.5}} if unlabeled else {}
    return objective_of(*methods)(batch)[0]


# ---- views ----


def test_a_view_that_nobody_named_is_a_sentence() -> None:
    message = (
        "Made asks for the view 'strong.0' of the unlabeled stream, which has weak.0; "
        "return Views(unlabeled=('strong.0',)) from its method `views`."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        one_step(Made(answer=lambda step: {"made": step.student("unlabeled", "strong.0").logits.sum()}))


@pytest.mark.parametrize("ask", [Step.guess, Step.inputs, lambda step, *view: step.logits(nn.Identity(), *view)])
def test_every_way_to_ask_for_a_view_says_so(ask: Callable) -> None:
    message = r"Made asks for the view 'weak\.7' of the labeled stream, which has weak\.0; return Views\(labeled="
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: ask(step, "labeled", "weak.7")))


def test_a_stream_that_is_not_there_is_a_sentence() -> None:
    message = r"of the unlabeled stream, which has no view; .* and ask step\.has_unlabeled first where needs_unlabeled"
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: {"made": step.guess("unlabeled", "weak.0").logits.sum()}), unlabeled=False)


def test_the_error_names_the_method_that_asks_and_not_its_neighbour() -> None:
    fine = SelfTuning(key_view="weak", query_view="weak", warmup_ratio=0.5)
    with pytest.raises(ValueError, match=r"^Made asks for the view 'strong\.3'"):
        one_step(fine, Made(answer=lambda step: {"made": step.guess("labeled", "strong.3").logits.sum()}))


# ---- terms ----


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (torch.zeros(4), r"shape \(4,\)"),
        (torch.zeros(1, 1), r"shape \(1, 1\)"),
        (0.5, "type float"),
        (None, "NoneType"),
    ],
)
def test_a_term_that_is_no_scalar_is_a_sentence(value: Any, found: str) -> None:
    message = rf"Made returns a term 'made' of .*{found}, and a term is a scalar tensor; take .* step\.mean\(stream"
    with pytest.raises(ValueError, match=message):
        one_step(Made(answer=lambda step: {"made": value}))


def test_two_methods_with_one_term_name_are_refused() -> None:
    both = (Made(answer=lambda step: {"made": torch.tensor(1.0)}) for _ in range(2))
    with pytest.raises(ValueError, match="Made and another method both name a loss term made; let each name its own"):
        one_step(*both)


# ---- state ----


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda context: EmaCopy(context.student, 0.9), "an EmaCopy"),
        (lambda context: RunningMean(torch.zeros(3), 0.9), "a RunningMean"),
        (lambda context: ClassQueues(context.classes, 2, context.width), "a ClassQueues"),
        (lambda context: nn.Linear(context.width, 4), "a Linear"),
    ],
)
@pytest.mark.parametrize(("wrap", "kind"), [(lambda part: [part], "list"), (lambda part: {"a": (part,)}, "dict")])
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
