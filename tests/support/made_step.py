"""A Step over made inputs, for tests of what one method promises; the mean of a stream is that of its rows."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from hf_selftuning import Method
from hf_selftuning.core.preparation import BuildContext
from hf_selftuning.core.step import Progress, Step, Stream
from hf_selftuning.modules.classifier import Rows


def read(model: nn.Module, inputs: Mapping[str, Any], rows: Tensor | None) -> Rows:
    """Features are the flattened inputs; `nn.Identity` as a student takes logits for inputs."""
    features = inputs["pixel_values"].flatten(1).clone()  # an identity would hand out its input, gradients and all
    return Rows(features, model(features))


def stream(views: Mapping[str, Tensor], labels: Tensor | None = None) -> Stream:
    """Views by name."""
    inputs = {name: {"pixel_values": values} for name, values in views.items()}
    return Stream(inputs, None, labels, 1 / max(1, len(next(iter(views.values())))))


def made_step(
    student: nn.Module,
    unlabeled: Mapping[str, Tensor],
    *,
    labeled: Tensor | None = None,
    labels: Tensor | None = None,
    finished: int = 0,
    total: int = 100,
) -> Step:
    """A step of the unlabelled views given and of one labelled example in the views `weak.0` and `strong.1`."""
    labeled = torch.zeros(1, *next(iter(unlabeled.values())).shape[1:]) if labeled is None else labeled
    labels = torch.zeros(len(labeled), dtype=torch.long) if labels is None else labels
    streams = {"labeled": stream({"weak.0": labeled, "strong.1": labeled}, labels), "unlabeled": stream(unlabeled)}
    return Step(
        student, read=read, select=lambda values, _: values, streams=streams, labeled_view="weak.0",
        progress=Progress(finished, total),
    )  # fmt: skip


def built(method: Method, student: nn.Module, *, dim: int = 4, classes: int = 3) -> Method:
    """The method with its state, drawn from one seed."""
    torch.manual_seed(0)
    method.build(BuildContext(student, dim, classes))
    return method


def terms(method: Method, student: nn.Module, unlabeled: Mapping[str, Tensor], **given: Any) -> dict[str, Tensor]:
    """The method's terms of one step."""
    return method.terms(made_step(student, unlabeled, **given))


def logits(*rows: list[float]) -> Tensor:
    """Logits whose softmax is the probabilities given, a row each."""
    return torch.tensor(rows).log()
