"""A method whose views, state and terms a test gives, and one step of it; for what a method author gets wrong."""

import dataclasses
from typing import Any

import tiny
import torch
from torch import Tensor

from hf_selftuning import BuildContext, ImageClassification, Method, Step, Views
from hf_selftuning.core.objective import Objective
from hf_selftuning.core.step import Progress

ONE_VIEW = Views(unlabeled=("weak.0",))


@dataclasses.dataclass(kw_only=True, eq=False)
class Made(Method):
    """A method whose state a test makes from method and context, and whose terms from the step."""

    title = "Made"
    paper = "none"
    state: Any = None
    answer: Any = None
    wanted: Any = ONE_VIEW

    def views(self) -> Views:
        return self.wanted

    def build(self, context: BuildContext) -> None:
        if self.state is not None:
            self.state(self, context)

    def terms(self, step: Step) -> dict[str, Tensor]:
        return self.answer(step)


def objective_of(*methods: Method) -> Objective:
    objective = Objective(tiny.vit(), list(methods), ImageClassification(), num_classes=3)
    objective.progress = Progress(1, 10)
    return objective


def batch_of_both(*, unlabeled: bool = True) -> dict[str, dict[str, Any]]:
    views = {"weak.0": {"pixel_values": torch.zeros(2, 3, 32, 32)}}
    batch = {"labeled": {"views": views, "labels": torch.tensor([0, 1]), "weight": 0.5}}
    return batch | ({"unlabeled": {"views": views, "weight": 0.5}} if unlabeled else {})


def one_step(*methods: Method, unlabeled: bool = True) -> dict[str, Tensor]:
    return objective_of(*methods)(batch_of_both(unlabeled=unlabeled))[0]
